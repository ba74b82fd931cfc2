internal import CoreTypes
internal import ReplicaEngine
internal import ZnodeTree
internal import ZooKeeperWire

extension NodeStat {
    init(_ stat: Stat) {
        self.init(
            createdZxid: stat.czxid, modifiedZxid: stat.mzxid, childrenZxid: stat.pzxid,
            createdMilliseconds: stat.ctime,
            modifiedMilliseconds: stat.mtime, version: stat.version, childrenVersion: stat.cversion,
            accessVersion: stat.aversion, ephemeralOwner: stat.ephemeralOwner, dataByteCount: Int(stat.dataLength),
            childCount: Int(stat.numChildren))
    }
}

extension AccessRule {
    init(_ entry: AccessEntry) {
        self.init(
            Permissions(rawValue: entry.permissions.rawValue), scheme: String(decoding: entry.scheme, as: UTF8.self),
            identity: String(decoding: entry.id, as: UTF8.self))
    }
}

extension AccessList {
    init(_ rules: [AccessRule]) {
        self.init(
            rules.map {
                AccessEntry(
                    permissions: ZooKeeperWire.Permissions(rawValue: $0.permissions.rawValue), scheme: $0.scheme,
                    id: $0.identity)
            })
    }
}

extension NodeMode {
    /// ZooKeeper's flags.
    var createMode: CreateMode {
        switch self {
        case .persistent: .persistent
        case .persistentSequential: .persistentSequential
        case .ephemeral: .ephemeral
        case .ephemeralSequential: .ephemeralSequential
        case .container: .container
        case .timeToLive: .persistentWithTTL
        case .timeToLiveSequential: .persistentSequentialWithTTL
        }
    }

    var timeToLiveMilliseconds: Int64? {
        switch self {
        case .timeToLive(let milliseconds), .timeToLiveSequential(let milliseconds): milliseconds
        case .persistent, .persistentSequential, .ephemeral, .ephemeralSequential, .container: nil
        }
    }

    /// The op code of a create that answers with path and Stat.
    var operation: OpCode { timeToLiveMilliseconds == nil ? .create2 : .createTTL }
}

extension AviaryError {
    init(_ failure: TreeFailure, path: String) {
        switch failure {
        case .refused(let code): self.init(code, path: path)
        case .fault(let fault): self.init(.damaged, fault.description)
        }
    }

    /// From an error of ZooKeeper's about a path.
    init(_ error: ErrorCode, path: String) {
        switch error {
        case .noNode: self.init(.noNode, "\(path): there is no such znode, or its parent is missing")
        case .nodeExists: self.init(.nodeExists, "\(path): the znode exists already")
        case .notEmpty: self.init(.notEmpty, "\(path): the znode has children; delete them first")
        case .badVersion: self.init(.badVersion, "\(path): the version is not the one named; read it anew")
        case .noChildrenForEphemerals:
            self.init(.noChildrenForEphemerals, "\(path): an ephemeral znode cannot have children")
        case .noAuth: self.init(.notAuthorized, "\(path): the access rules do not allow it")
        case .invalidACL:
            self.init(.invalidAccess, "\(path): the access rules are empty, or one names an unknown scheme")
        case .badArguments:
            self.init(.badArguments, "\(path): not a path, a znode that cannot be deleted, or a mode that is not valid")
        case .sessionExpired, .sessionMoved: self.init(.sessionExpired, "\(path): the session is over")
        case .runtimeInconsistency, .ok:
            self.init(.transactionAborted, "\(path): another operation of the transaction failed")
        default: self.init(.system, "\(path): error \(error.rawValue)")
        }
    }
}
