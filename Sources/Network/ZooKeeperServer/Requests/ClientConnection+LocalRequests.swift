import CoreTypes
import Jute
import NIOCore
import ReplicaEngine
import ZnodeTree
import ZooKeeperWire

/// Requests that are answered from what this replica holds.
extension ClientConnection {
    /// Executes a request whose turn has come, and adds its reply to what leaves with this turn.
    func execute(_ operation: OpCode, xid: Int32, body: RawSpan, receivedAt: Int64) {
        let scratch = server.scratch
        scratch.removeAll()
        let answer = answer(operation, body: body, into: scratch)
        let zxid = server.appliedZxid
        switch answer {
        case .body:
            reply(operation, xid: xid, zxid: zxid, body: scratch.bytes, receivedAt: receivedAt)
        case .failed(let error):
            reply(operation, xid: xid, zxid: zxid, error: error, body: RawSpan(), receivedAt: receivedAt)
        case .tooManyWatches:
            cutOff("more than \(server.configuration.watchesPerConnectionMax) watches")
        }
    }

    /// Any failure is an answer: bytes that are no request, a refusal of the tree, a fault of the store.
    private func answer(_ operation: OpCode, body: RawSpan, into bytes: ByteBuilder) -> LocalAnswer {
        do {
            switch operation {
            case .ping: return .body
            case .getData: return try getData(body, into: bytes)
            case .exists: return try exists(body, into: bytes)
            case .getChildren: return try getChildren(body, withStat: false, into: bytes)
            case .getChildren2: return try getChildren(body, withStat: true, into: bytes)
            case .getACL: return try getACL(body, into: bytes)
            case .multiRead: return try multiRead(body, into: bytes)
            case .getEphemerals: return try getEphemerals(body, into: bytes)
            case .getAllChildrenNumber: return try getAllChildrenNumber(body, into: bytes)
            case .whoAmI: return whoAmI(into: bytes)
            case .setWatches: return try setWatches(body, hasPersistent: false)
            case .setWatches2: return try setWatches(body, hasPersistent: true)
            case .addWatch: return try addWatch(body, into: bytes)
            case .checkWatches: return try checkWatches(body)
            case .removeWatches: return try removeWatches(body)
            default: return .failed(.unimplemented)
            }
        } catch is JuteError {
            return .failed(.marshallingError)
        } catch let failure as TreeFailure {
            return .failed(server.code(of: failure))
        } catch {
            return .failed(.systemError)
        }
    }

    // MARK: Znodes

    private func getData(_ body: RawSpan, into bytes: ByteBuilder) throws -> LocalAnswer {
        var reader = JuteReader(body)
        let request = try PathRequest(from: &reader, hasWatch: true)
        return try getData(request, into: bytes)
    }

    private func getData(_ request: borrowing PathRequest, into bytes: ByteBuilder) throws -> LocalAnswer {
        let identities = identities.encoded
        let path = request.path
        _ = try server.engine.shared.withLock { tree throws(TreeFailure) in
            try tree.getData(path, identities: identities.bytes, into: bytes)
        }
        return request.wantsWatch ? watch(path, .data) : .body
    }

    private func exists(_ body: RawSpan, into bytes: ByteBuilder) throws -> LocalAnswer {
        var reader = JuteReader(body)
        let request = try PathRequest(from: &reader, hasWatch: true)
        let path = request.path
        if path.byteCount > Limits.pathByteCountMax || path.contains(0) { return .failed(.badArguments) }
        // Whoever asks for what is not there may wait for it to come.
        let stat = try statIfThere(path)
        if request.wantsWatch, watch(path, .data) == .tooManyWatches { return .tooManyWatches }
        guard let stat else { return .failed(.noNode) }
        stat.encode(into: bytes)
        return .body
    }

    private func statIfThere(_ path: RawSpan) throws(TreeFailure) -> Stat? {
        let identities = identities.encoded
        do throws(TreeFailure) {
            return try server.engine.shared.withLock { tree throws(TreeFailure) in
                try tree.stat(path, identities: identities.bytes)
            }
        } catch {
            if error == .refused(.noNode) { return nil }
            throw error
        }
    }

    private func getChildren(_ body: RawSpan, withStat: Bool, into bytes: ByteBuilder) throws -> LocalAnswer {
        var reader = JuteReader(body)
        let request = try PathRequest(from: &reader, hasWatch: true)
        return try getChildren(request, withStat: withStat, into: bytes)
    }

    private func getChildren(
        _ request: borrowing PathRequest, withStat: Bool, into bytes: ByteBuilder
    ) throws -> LocalAnswer {
        let identities = identities.encoded
        let path = request.path
        try server.engine.shared.withLock { tree throws(TreeFailure) in
            try tree.getChildren(path, identities: identities.bytes, withStat: withStat, into: bytes)
        }
        return request.wantsWatch ? watch(path, .child) : .body
    }

    private func getACL(_ body: RawSpan, into bytes: ByteBuilder) throws -> LocalAnswer {
        var reader = JuteReader(body)
        let path = try PathRequest(from: &reader, hasWatch: false).path
        let identities = identities.encoded
        try server.engine.shared.withLock { tree throws(TreeFailure) in
            try tree.getACL(path, identities: identities.bytes, into: bytes)
        }
        return .body
    }

    private func getAllChildrenNumber(_ body: RawSpan, into bytes: ByteBuilder) throws -> LocalAnswer {
        var reader = JuteReader(body)
        let path = try PathRequest(from: &reader, hasWatch: false).path
        let identities = identities.encoded
        let count = try server.engine.shared.withLock { tree throws(TreeFailure) in
            try tree.countBelow(path, identities: identities.bytes)
        }
        bytes.append(bigEndian: Int32(clamping: count))
        return .body
    }

    /// Each operation has a result of its own, an error included. Watches are set as by the single requests.
    private func multiRead(_ body: RawSpan, into bytes: ByteBuilder) throws -> LocalAnswer {
        var reader = JuteReader(body)
        while true {
            let header = try MultiHeader(from: &reader)
            if header.isDone { break }
            guard header.operation == .getData || header.operation == .getChildren else {
                return .failed(.marshallingError)
            }
            let request = try PathRequest(from: &reader, hasWatch: true)
            let start = bytes.count
            MultiHeader(operation: header.operation, error: .ok).encode(into: bytes)
            let answer: LocalAnswer
            do {
                answer =
                    header.operation == .getData
                    ? try getData(request, into: bytes) : try getChildren(request, withStat: false, into: bytes)
            } catch let failure as TreeFailure {
                answer = .failed(server.code(of: failure))
            }
            switch answer {
            case .body: break
            case .failed(let error):
                bytes.truncate(to: start)
                MultiHeader(operation: .error, error: error).encode(into: bytes)
                bytes.append(bigEndian: error.rawValue)
            case .tooManyWatches: return .tooManyWatches
            }
        }
        MultiHeader.end.encode(into: bytes)
        return .body
    }

    // MARK: This connection

    /// The ephemeral znodes of this session whose paths begin with a prefix.
    private func getEphemerals(_ body: RawSpan, into bytes: ByteBuilder) throws -> LocalAnswer {
        var reader = JuteReader(body)
        let prefix = [UInt8](copying: try PathRequest(from: &reader, hasWatch: false).path)
        let session = machine.session
        let paths = server.engine.shared.withLock { $0.ephemeralPaths(of: session) }.filter { $0.starts(with: prefix) }
        bytes.append(juteVectorCount: paths.count)
        for path in paths { bytes.append(juteBytes: path) }
        return .body
    }

    /// What was proven, the address first; of a digest only the user's name.
    private func whoAmI(into bytes: ByteBuilder) -> LocalAnswer {
        bytes.append(juteVectorCount: identities.proven.count + 1)
        bytes.append(juteString: "ip")
        bytes.append(juteString: address?.ipAddress ?? "")
        for identity in identities.proven {
            bytes.append(juteBytes: identity.scheme)
            bytes.append(juteBytes: Array(identity.id.prefix { $0 != UInt8(ascii: ":") }))
        }
        return .body
    }
}

extension RawSpan {
    /// Whether one of the bytes is this one.
    fileprivate func contains(_ byte: UInt8) -> Bool { withUnsafeBytes { $0.contains(byte) } }
}
