import CoreTypes
import Jute
import Testing
import ZooKeeperWire

@testable import ZnodeTree

/// A tree with one session, driven by whole commands as the engine would.
final class TreeDriver {
    let base: ModelZnodeBase
    let tree: ZnodeTree
    let output = ApplyOutput()
    let session = SessionID(rawValue: 0x0100_0000_0000_0001)
    let attachment = AttachmentID(rawValue: 4)
    private(set) var proposals: [[UInt8]] = []
    private var sequence: UInt64 = 0
    private var time: Int64 = 1_000

    init(base: ModelZnodeBase = ModelZnodeBase()) throws(StorageFault) {
        self.base = base
        tree = try ZnodeTree(base: base)
    }

    /// Applies one proposal of one command.
    func apply(_ header: CommandHeader, identities: [UInt8] = [], body: ByteBuilder) throws(StorageFault) {
        let bytes = ByteBuilder()
        time += 1
        ProposalHeader(commandCount: 1, time: WallClockTime(rawValue: time)).append(to: bytes)
        CommandWriter.append(header, identities: identities.span.bytes, body: body.bytes, to: bytes)
        proposals.append([UInt8](copying: bytes.bytes))
        output.removeAll()
        try tree.apply(slot: tree.appliedSlot.next, proposal: bytes.bytes, into: output)
    }

    func open() throws(StorageFault) {
        let body = ByteBuilder()
        OpenSessionBody(
            replica: ReplicaID(rawValue: 1), timeoutMilliseconds: 10_000, password: SessionPassword(high: 1, low: 2),
            isHidden: false
        ).append(to: body)
        try apply(CommandHeader(.openSession, session: session, attachment: attachment), body: body)
    }

    /// Executes the next command of the session and returns its result.
    @discardableResult
    func run(_ operation: OpCode, _ fill: (ByteBuilder) -> Void) throws(StorageFault) -> CommandResult? {
        let body = ByteBuilder()
        fill(body)
        sequence += 1
        let header = CommandHeader(
            kind: operation.rawValue, session: session, attachment: attachment, sequence: sequence)
        try apply(header, body: body)
        return output.results.first
    }

    func create(_ path: String, _ mode: CreateMode = .persistent, data: [UInt8]? = [1]) throws(StorageFault)
        -> CommandResult?
    {
        try run(.create2) { $0.append(createRequest: path, data: data, mode: mode) }
    }

    func stat(_ path: String) throws(TreeFailure) -> Stat {
        let bytes = Array(path.utf8)
        return try tree.stat(bytes.span.bytes, identities: RawSpan())
    }

    func data(_ path: String) throws -> [UInt8] {
        let bytes = Array(path.utf8)
        let body = ByteBuilder()
        _ = try tree.getData(bytes.span.bytes, identities: RawSpan(), into: body)
        var reader = JuteReader(body.bytes)
        guard let data = try reader.buffer() else { return [] }
        return [UInt8](copying: data)
    }

    func children(_ path: String) throws -> [String] {
        let bytes = Array(path.utf8)
        let body = ByteBuilder()
        try tree.getChildren(bytes.span.bytes, identities: RawSpan(), withStat: false, into: body)
        var reader = JuteReader(body.bytes)
        let count = try reader.vectorCount(elementByteCountMin: 4) ?? 0
        var names: [String] = []
        for _ in 0..<count { names.append(String(decoding: [UInt8](copying: try reader.string()), as: UTF8.self)) }
        return names.sorted()
    }

    var events: [String] {
        let output = self.output
        return output.events.map { event in
            "\(event.type) \(String(decoding: [UInt8](copying: output.path(of: event)), as: UTF8.self))"
        }
    }
}

@Suite("Znode tree")
struct ZnodeTreeTests {
    @Test("a fresh tree is that of a fresh ZooKeeper")
    func fresh() throws {
        let driver = try TreeDriver()
        #expect(try driver.stat("/").cversion == -1)
        #expect(try driver.stat("/zookeeper").cversion == -2)
        #expect(try driver.stat("/zookeeper/config").aversion == -1)
        #expect(try driver.children("/zookeeper") == ["config", "quota"])
    }

    @Test("stats follow ZooKeeper's arithmetic")
    func stats() throws {
        let driver = try TreeDriver()
        try driver.open()
        #expect(try driver.create("/a")?.zxid == Zxid(rawValue: 2))
        #expect(driver.events == ["nodeCreated /a", "nodeChildrenChanged /"])
        _ = try driver.create("/a/b")
        _ = try driver.create("/a/c")
        try driver.run(.delete) { $0.append(deleteRequest: "/a/b", version: -1) }
        #expect(driver.events == ["nodeDeleted /a/b", "nodeChildrenChanged /a"])
        try driver.run(.setData) { $0.append(setDataRequest: "/a", data: [7, 8], version: 0) }
        let stat = try driver.stat("/a")
        #expect(stat.czxid == 2 && stat.mzxid == 6 && stat.pzxid == 5)
        #expect(stat.version == 1 && stat.cversion == 3 && stat.numChildren == 1 && stat.dataLength == 2)
        #expect(try driver.data("/a") == [7, 8])
    }

    @Test("errors are ZooKeeper's, and each takes a zxid")
    func errors() throws {
        let driver = try TreeDriver()
        try driver.open()
        _ = try driver.create("/a")
        _ = try driver.create("/a/e", .ephemeral)
        let before = driver.tree.lastZxid.rawValue
        let expected: [(CommandResult?, ErrorCode)] = [
            (try driver.create("/a"), .nodeExists), (try driver.create("/x/y"), .noNode),
            (try driver.create("/a//b"), .noNode), (try driver.create("//b"), .badArguments),
            (try driver.create("b"), .badArguments), (try driver.create("/a/e/f"), .noChildrenForEphemerals),
            (try driver.run(.delete) { $0.append(deleteRequest: "/a", version: -1) }, .notEmpty),
            (try driver.run(.delete) { $0.append(deleteRequest: "/a", version: 9) }, .badVersion),
            (try driver.run(.delete) { $0.append(deleteRequest: "/zookeeper", version: -1) }, .badArguments),
            (try driver.run(.setData) { $0.append(setDataRequest: "/n", data: [], version: -1) }, .noNode),
            (try driver.run(.setData) { $0.append(bigEndian: Int32(100)) }, .marshallingError),
        ]
        for (number, (result, error)) in expected.enumerated() {
            #expect(result?.error == error, "case \(number)")
        }
        #expect(driver.tree.lastZxid.rawValue == before + UInt64(expected.count))
    }

    @Test("the suffix of a sequential znode is how many children its parent ever had")
    func sequential() throws {
        let driver = try TreeDriver()
        try driver.open()
        _ = try driver.create("/s")
        for _ in 0..<3 { _ = try driver.create("/s/n-", .persistentSequential) }
        try driver.run(.delete) { $0.append(deleteRequest: "/s/n-0000000002", version: -1) }
        _ = try driver.create("/s/n-", .ephemeralSequential)
        #expect(try driver.children("/s") == ["n-0000000000", "n-0000000001", "n-0000000003"])
    }

    @Test("a multi takes effect wholly or not at all")
    func multi() throws {
        let driver = try TreeDriver()
        try driver.open()
        _ = try driver.create("/a")
        func multi(_ last: String) throws -> CommandResult? {
            try driver.run(.multi) { body in
                MultiHeader(operation: .create, error: ErrorCode(rawValue: -1)).encode(into: body)
                body.append(createRequest: "/m", data: [1])
                MultiHeader(operation: .setData, error: ErrorCode(rawValue: -1)).encode(into: body)
                body.append(setDataRequest: "/a", data: [9], version: -1)
                MultiHeader(operation: .delete, error: ErrorCode(rawValue: -1)).encode(into: body)
                body.append(deleteRequest: last, version: -1)
                MultiHeader.end.encode(into: body)
            }
        }
        let digest = driver.tree.digest().znodes
        let failed = try multi("/nothing")
        #expect(failed?.error == .ok)
        #expect(driver.events.isEmpty)
        #expect(driver.tree.digest().znodes == digest)
        #expect(try driver.children("/") == ["a", "zookeeper"])
        let output = driver.output
        let result = try #require(failed)
        let body = [UInt8](copying: output.body(of: result))
        #expect(body.count == 3 * 13 + 9)
        #expect(Array(body[0..<13]) == [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(body[30..<34].elementsEqual([0, 0xFF, 0xFF, 0xFF]) || body[31] == 0xFF)
        _ = try multi("/m")
        #expect(try driver.children("/") == ["a", "zookeeper"])
        #expect(try driver.data("/a") == [9])
    }

    @Test("ephemerals go with their session, under one zxid")
    func ephemerals() throws {
        let driver = try TreeDriver()
        try driver.open()
        _ = try driver.create("/d")
        _ = try driver.create("/d/e1", .ephemeral)
        _ = try driver.create("/d/e2", .ephemeral)
        #expect(driver.tree.ephemeralCount == 2)
        let zxid = driver.tree.lastZxid.next
        try driver.run(.closeSession) { _ in }
        #expect(driver.output.results.first?.zxid == zxid)
        #expect(driver.output.sessionEvents.map(\.kind) == [.closed])
        #expect(driver.tree.lastZxid == zxid)
        #expect(try driver.children("/d").isEmpty)
        #expect(try driver.stat("/d").pzxid == zxid.wireValue)
        #expect(driver.tree.sessionCount == 0 && driver.tree.ephemeralCount == 0)
    }

    @Test("a command is executed once and in order, and only for the attachment that holds the session")
    func exactlyOnce() throws {
        let driver = try TreeDriver()
        try driver.open()
        func send(_ sequence: UInt64, _ attachment: UInt64, _ path: String) throws -> CommandOutcome? {
            let body = ByteBuilder()
            body.append(createRequest: path, data: nil)
            try driver.apply(
                CommandHeader(
                    kind: OpCode.create.rawValue, session: driver.session,
                    attachment: AttachmentID(rawValue: attachment), sequence: sequence), body: body)
            return driver.output.results.first?.outcome
        }
        #expect(try send(1, 4, "/one") == .executed)
        #expect(try send(1, 4, "/again") == .repeated)
        #expect(try send(3, 4, "/gap") == .gap)
        #expect(try send(2, 8, "/other") == .moved)
        let zxid = driver.tree.lastZxid
        let body = ByteBuilder()
        AttachSessionBody(
            replica: ReplicaID(rawValue: 1), timeoutMilliseconds: 5_000, password: SessionPassword(high: 1, low: 2)
        ).append(to: body)
        try driver.apply(
            CommandHeader(.attachSession, session: driver.session, attachment: AttachmentID(rawValue: 8)), body: body)
        #expect(driver.output.sessionEvents.map(\.kind) == [.moved, .attached])
        #expect(driver.tree.lastZxid == zxid)
        #expect(try send(2, 4, "/old") == .moved)
        #expect(try send(1, 8, "/new") == .executed)
        #expect(try driver.children("/") == ["new", "one", "zookeeper"])
    }

    @Test("a reload after a checkpoint, and a replay onto it, give the same tree", arguments: [UInt64](1...6))
    func reload(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let driver = try TreeDriver()
        try driver.open()
        var checkpoints = 0
        for _ in 0..<400 {
            let path = "/" + ["a", "b", "c", String(repeating: "l", count: 600)][Int(generator.next() % 4)]
            let child = path + "/" + String(generator.next() % 6)
            let data = [UInt8](repeating: UInt8(generator.next() % 9), count: Int(generator.next() % 3_000))
            switch generator.next() % 8 {
            case 0: _ = try driver.create(path, data: data)
            case 1, 2: _ = try driver.create(child, data: data)
            case 3: _ = try driver.create(child, .ephemeral, data: data)
            case 4: try driver.run(.delete) { $0.append(deleteRequest: child, version: -1) }
            case 5: try driver.run(.delete) { $0.append(deleteRequest: path, version: -1) }
            case 6: try driver.run(.setData) { $0.append(setDataRequest: child, data: data, version: -1) }
            default:
                if driver.tree.frozen == nil {
                    _ = driver.tree.freeze()
                } else if let frozen = driver.tree.frozen {
                    driver.base.writeCheckpoint(frozen)
                    try driver.tree.dropFrozen()
                    checkpoints += 1
                }
            }
        }
        #expect(checkpoints > 5)
        if let frozen = driver.tree.frozen {
            driver.base.writeCheckpoint(frozen)
            try driver.tree.dropFrozen()
        }
        let digest = driver.tree.digest()
        driver.base.writeCheckpoint(driver.tree.freeze())
        try driver.tree.dropFrozen()
        let again = try TreeDriver(base: driver.base)
        #expect(again.tree.digest() == digest)
        #expect(again.tree.appliedSlot == driver.tree.appliedSlot && again.tree.lastZxid == driver.tree.lastZxid)
        #expect(again.tree.ephemeralCount == driver.tree.ephemeralCount)
        let replayed = try TreeDriver()
        for proposal in driver.proposals {
            replayed.output.removeAll()
            try replayed.tree.apply(
                slot: replayed.tree.appliedSlot.next, proposal: proposal.span.bytes, into: replayed.output)
        }
        #expect(replayed.tree.digest() == digest, "seed \(seed)")
        for parent in ["/", "/a", "/b", "/c"] {
            #expect((try? again.children(parent)) == (try? replayed.children(parent)), "seed \(seed) \(parent)")
            for child in (try? again.children(parent)) ?? [] where parent != "/" {
                let path = "\(parent)/\(child)"
                #expect(try again.data(path) == replayed.data(path), "seed \(seed) \(path)")
            }
        }
    }
}
