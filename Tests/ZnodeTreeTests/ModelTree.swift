import CoreTypes
import Jute
import ZooKeeperWire

/// ZooKeeper's tree as slowly and obviously as it can be written: a dictionary from path to znode, multis by copying it.
///
/// Written from ZooKeeper's source (`PrepRequestProcessor`, `DataTree`), not from the code under test.
struct ModelTree {
    struct Node: Equatable {
        var id: UInt64
        var data: [UInt8]?
        /// Empty: anybody may do everything.
        var access: [AccessEntry] = []
        var owner: UInt64 = 0
        var czxid: Int64 = 0
        var mzxid: Int64 = 0
        var pzxid: Int64 = 0
        var ctime: Int64 = 0
        var mtime: Int64 = 0
        var version: Int32 = 0
        var creates: Int32 = 0
        var aversion: Int32 = 0
        var children: Set<String> = []

        var isEphemeral: Bool { owner != 0 && owner != 1 << 63 && owner >> 56 != 0xFF }

        var stat: Stat {
            var stat = Stat()
            (stat.czxid, stat.mzxid, stat.pzxid, stat.ctime, stat.mtime) = (czxid, mzxid, pzxid, ctime, mtime)
            (stat.version, stat.aversion) = (version, aversion)
            stat.cversion = creates &+ creates &- Int32(children.count)
            stat.ephemeralOwner = isEphemeral ? Int64(bitPattern: owner) : 0
            stat.dataLength = Int32(data?.count ?? 0)
            stat.numChildren = Int32(children.count)
            return stat
        }
    }

    struct ModelSession: Equatable {
        var attachment: UInt64
        var next: UInt64 = 1
        var password: UInt64
    }

    struct Event: Equatable, CustomStringConvertible {
        var type: WatchEventType
        var path: String
        var description: String { "\(type) \(path)" }
    }

    struct Refusal: Error, Equatable {
        var code: ErrorCode
    }

    var nodes: [String: Node] = [:]
    var sessions: [UInt64: ModelSession] = [:]
    var zxid: Int64 = 0
    var time: Int64 = 0
    var nextID: UInt64 = 5
    var events: [Event] = []

    init() {
        nodes["/"] = Node(id: 1, data: [], children: ["zookeeper"])
        nodes["/zookeeper"] = Node(id: 2, data: [], children: ["quota", "config"])
        nodes["/zookeeper/quota"] = Node(id: 3, data: [])
        nodes["/zookeeper/config"] = Node(
            id: 4, data: [], access: [AccessEntry(permissions: .read, scheme: "world", id: "anyone")], aversion: -1)
    }

    // MARK: Operations

    mutating func execute(_ command: ModelCommand, session: UInt64, identities: [AccessEntry]) throws(Refusal)
        -> [UInt8]
    {
        switch command {
        case .create(let create): return try self.create(create, session, identities)
        case .delete(let path, let version):
            try delete(path, version, identities)
            return []
        case .setData(let path, let data, let version): return try setData(path, data, version, identities)
        case .setACL(let path, let access, let version): return try setACL(path, access, version, identities)
        case .check(let path, let version):
            try validate(path)
            let node = try existing(path)
            try allow(.read, node, identities)
            try compare(version, node.version)
            return []
        case .multi(let commands): return multi(commands, session, identities)
        }
    }

    private mutating func create(
        _ create: ModelCommand.Create, _ session: UInt64, _ identities: [AccessEntry]
    ) throws(Refusal) -> [UInt8] {
        guard let mode = CreateMode(rawValue: create.flags) else { throw Refusal(code: .badArguments) }
        var owner: UInt64 = 0
        if mode.hasTTL {
            guard create.operation == .createTTL, create.ttl > 0, create.ttl < 1 << 40 else {
                throw Refusal(code: .badArguments)
            }
            owner = 0xFF << 56 | UInt64(create.ttl)
        } else if create.operation == .createTTL {
            throw Refusal(code: .badArguments)
        } else if mode == .container || create.operation == .createContainer {
            owner = 1 << 63
        } else if mode.isEphemeral {
            owner = session
        }
        guard let slash = create.path.lastIndex(of: "/"), !create.path.contains("\0") else {
            throw Refusal(code: .badArguments)
        }
        let access = try fixed(create.access, identities)
        let parentPath = ModelTree.orRoot(String(create.path[..<slash]))
        let parent = try existing(parentPath)
        try allow(.create, parent, identities)
        var path = create.path
        if mode.isSequential { path += ModelTree.suffix(parent.creates) }
        try validate(path)
        if nodes[path] != nil { throw Refusal(code: .nodeExists) }
        if parent.isEphemeral { throw Refusal(code: .noChildrenForEphemerals) }
        let node = Node(
            id: nextID, data: create.data, access: access, owner: owner, czxid: zxid, mzxid: zxid, pzxid: zxid,
            ctime: time, mtime: time)
        nextID += 1
        nodes[path] = node
        nodes[parentPath]?.children.insert(String(path[path.index(after: slash)...]))
        nodes[parentPath]?.creates &+= 1
        nodes[parentPath]?.pzxid = zxid
        events.append(Event(type: .nodeCreated, path: path))
        events.append(Event(type: .nodeChildrenChanged, path: parentPath))
        return bytes {
            $0.append(juteString: path)
            if create.operation != .create { node.stat.encode(into: $0) }
        }
    }

    private mutating func delete(_ path: String, _ version: Int32, _ identities: [AccessEntry]) throws(Refusal) {
        let special = ["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"]
        guard let slash = path.lastIndex(of: "/"), !path.contains("\0"), !special.contains(path) else {
            throw Refusal(code: .badArguments)
        }
        try allow(.delete, try existing(ModelTree.orRoot(String(path[..<slash]))), identities)
        let node = try existing(path)
        try compare(version, node.version)
        if !node.children.isEmpty { throw Refusal(code: .notEmpty) }
        remove(path)
    }

    private mutating func setData(
        _ path: String, _ data: [UInt8]?, _ version: Int32, _ identities: [AccessEntry]
    ) throws(Refusal) -> [UInt8] {
        try validate(path)
        var node = try existing(path)
        try allow(.write, node, identities)
        try compare(version, node.version)
        node.data = data
        node.version = ModelTree.next(node.version)
        node.mzxid = zxid
        node.mtime = time
        nodes[path] = node
        events.append(Event(type: .nodeDataChanged, path: path))
        return bytes { node.stat.encode(into: $0) }
    }

    private mutating func setACL(
        _ path: String, _ access: [AccessEntry], _ version: Int32, _ identities: [AccessEntry]
    ) throws(Refusal) -> [UInt8] {
        try validate(path)
        let access = try fixed(access, identities)
        var node = try existing(path)
        try allow(.admin, node, identities)
        try compare(version, node.aversion)
        node.access = access
        node.aversion = ModelTree.next(node.aversion)
        nodes[path] = node
        return bytes { node.stat.encode(into: $0) }
    }

    private mutating func multi(
        _ commands: [ModelCommand], _ session: UInt64, _ identities: [AccessEntry]
    ) -> [UInt8] {
        let before = self
        var results: [[UInt8]] = []
        var failure: ErrorCode?
        for command in commands {
            do throws(Refusal) {
                results.append(try execute(command, session: session, identities: identities))
            } catch {
                failure = error.code
                break
            }
        }
        if failure != nil { self = before }
        return bytes { builder in
            for (index, command) in commands.enumerated() {
                if let failure {
                    let code: ErrorCode =
                        index < results.count ? .ok : index == results.count ? failure : .runtimeInconsistency
                    MultiHeader(operation: .error, error: code).encode(into: builder)
                    builder.append(bigEndian: code.rawValue)
                } else {
                    MultiHeader(operation: command.resultOperation, error: .ok).encode(into: builder)
                    let body = results[index]
                    builder.append(body.span.bytes)
                }
            }
            MultiHeader.end.encode(into: builder)
        }
    }

    /// Ends a session: its ephemerals go in the order of their creation.
    mutating func end(_ session: UInt64) {
        sessions[session] = nil
        let owned = nodes.filter { $0.value.owner == session }.sorted { $0.value.id < $1.value.id }
        for (path, _) in owned { remove(path) }
    }

    /// What a reaper may do to a znode.
    mutating func reap(_ path: String, id: UInt64) -> Bool {
        guard let node = nodes[path], node.id == id, node.children.isEmpty else { return false }
        let isContainer = node.owner == 1 << 63 && node.creates > 0
        let isOver = node.owner >> 56 == 0xFF && time - node.mtime > Int64(node.owner & 0xFF_FFFF_FFFF)
        guard isContainer || isOver else { return false }
        zxid += 1
        remove(path)
        return true
    }

    private mutating func remove(_ path: String) {
        guard let slash = path.lastIndex(of: "/") else { return }
        let parent = ModelTree.orRoot(String(path[..<slash]))
        nodes[path] = nil
        nodes[parent]?.children.remove(String(path[path.index(after: slash)...]))
        nodes[parent]?.pzxid = zxid
        events.append(Event(type: .nodeDeleted, path: path))
        events.append(Event(type: .nodeChildrenChanged, path: parent))
    }
}
