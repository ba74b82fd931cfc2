import CoreTypes
import Jute
import NIOCore
import ReplicaEngine
import ZnodeTree
import ZooKeeperWire

/// Requests about watches.
extension ClientConnection {
    /// Sets a watch, unless the connection has as many as it may have.
    func watch(_ path: RawSpan, _ kind: WatchKind) -> LocalAnswer {
        guard server.engine.watches.count(of: attachment) < server.configuration.watchesPerConnectionMax else {
            return .tooManyWatches
        }
        server.engine.watches.add(attachment, kind, path: path)
        return .body
    }

    /// What a client that was away waits for: told at once if it has happened, watched for again if not.
    ///
    /// All events of the request precede its reply, and carry zxid -1, as in ZooKeeper. What persistent watches missed is
    /// not told, as there.
    func setWatches(_ body: RawSpan, hasPersistent: Bool) throws -> LocalAnswer {
        var request = try SetWatchesRequest(body, hasPersistent: hasPersistent)
        while let element = try request.next() {
            let path = element.path
            let kind: WatchKind
            let rearming: WatchRearming
            switch element.kind {
            case .data:
                kind = .data
                rearming = .data(mzxid: try statForWatch(path)?.mzxid, relativeZxid: request.relativeZxid)
            case .exist:
                kind = .data
                rearming = .exist(isThere: try statForWatch(path) != nil)
            case .child:
                kind = .child
                rearming = .child(pzxid: try statForWatch(path)?.pzxid, relativeZxid: request.relativeZxid)
            case .persistent: (kind, rearming) = (.persistent, .arm)
            case .persistentRecursive: (kind, rearming) = (.persistentRecursive, .arm)
            }
            switch rearming {
            case .arm:
                if watch(path, kind) == .tooManyWatches { return .tooManyWatches }
            case .fire(let type):
                if try mayRead(path) { tell(type, path: path, zxid: -1) }
            }
        }
        return .body
    }

    func addWatch(_ body: RawSpan, into bytes: ByteBuilder) throws -> LocalAnswer {
        var reader = JuteReader(body)
        let request = try PathNumberRequest(from: &reader)
        if request.path.byteCount > Limits.pathByteCountMax { return .failed(.badArguments) }
        guard let mode = AddWatchMode(rawValue: request.number) else { return .failed(.marshallingError) }
        // ZooKeeper answers with an error record of no error.
        bytes.append(bigEndian: ErrorCode.ok.rawValue)
        switch mode {
        case .persistent: return watch(request.path, .persistent)
        case .persistentRecursive: return watch(request.path, .persistentRecursive)
        }
    }

    func checkWatches(_ body: RawSpan) throws -> LocalAnswer {
        var reader = JuteReader(body)
        let request = try PathNumberRequest(from: &reader)
        guard let type = WatcherType(rawValue: request.number) else { return .failed(.marshallingError) }
        return server.engine.watches.contains(attachment, type, path: request.path) ? .body : .failed(.noWatcher)
    }

    func removeWatches(_ body: RawSpan) throws -> LocalAnswer {
        var reader = JuteReader(body)
        let request = try PathNumberRequest(from: &reader)
        guard let type = WatcherType(rawValue: request.number) else { return .failed(.marshallingError) }
        return server.engine.watches.remove(attachment, type, path: request.path) ? .body : .failed(.noWatcher)
    }

    /// Adds an event to what leaves with this turn, before any reply that comes after it.
    func tell(_ type: WatchEventType, path: RawSpan, zxid: Int64) {
        guard machine.phase != .closed else { return }
        output.writeEvent(type, path: path, zxid: zxid)
        statistics.sent += 1
        server.noteEvent()
        server.mark(self)
    }

    /// Whether this connection may hear of a znode: one that it may not read does not exist for it. A znode that is gone
    /// cannot be asked any more.
    func mayRead(_ path: RawSpan) throws(TreeFailure) -> Bool {
        let identities = identities.encoded
        return try server.engine.shared.withLock { tree throws(TreeFailure) in
            try tree.mayRead(path, identities: identities.bytes)
        }
    }

    private func statForWatch(_ path: RawSpan) throws(TreeFailure) -> Stat? {
        try server.engine.shared.withLock { tree throws(TreeFailure) in try tree.statForWatch(path) }
    }
}
