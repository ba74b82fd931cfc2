internal import CoreTypes
internal import Jute
internal import ZooKeeperWire

/// Writes: each returns when it is on stable storage and applied here. Those submitted together share a disk write.
extension MetadataStore {
    /// Creates a znode. An ephemeral one goes when this store is closed; see `openSession` for others. In a cluster it also
    /// goes when the process was killed, or cut off from the others, for longer than
    /// `ClusterConfiguration.sessionTimeoutMilliseconds`. Writes that waited in a store that was cut off so long throw
    /// `sessionExpired` and were not done; later ones are taken as ever.
    ///
    /// - Returns: its path, which for a sequential mode ends in a number, and its Stat.
    /// - Throws: `AviaryError`: `nodeExists`, `noNode` (no parent), `noChildrenForEphemerals`, `badArguments`,
    ///   `invalidAccess`, `tooLarge`, `diskFull`, `stopped`, `closed`.
    @discardableResult
    public func create(
        _ path: String, _ data: [UInt8]? = [], mode: NodeMode = .persistent, access: [AccessRule] = [.open]
    ) async throws(AviaryError) -> (path: String, stat: NodeStat) {
        try await create(path, data, mode: mode, access: access, in: own)
    }

    /// Sets the data of a znode.
    ///
    /// - Parameter version: the version that it must have; nil for any.
    /// - Throws: `AviaryError`: `noNode`, `badVersion`, `badArguments`, `tooLarge`, `diskFull`, `stopped`, `closed`.
    @discardableResult
    public func set(_ path: String, _ data: [UInt8]?, version: Int32? = nil) async throws(AviaryError) -> NodeStat {
        try checkSize(data, path)
        let body = try await write(.setData, path, in: own) { bytes in
            bytes.append(setDataRequest: path, data: data, version: version ?? -1)
        }
        return try stat(body)
    }

    /// Deletes a znode that has no children.
    ///
    /// - Parameter version: the version that it must have; nil for any.
    /// - Throws: `AviaryError`: `noNode`, `notEmpty`, `badVersion`, `badArguments`, `diskFull`, `stopped`, `closed`.
    public func delete(_ path: String, version: Int32? = nil) async throws(AviaryError) {
        _ = try await write(.delete, path, in: own) { $0.append(deleteRequest: path, version: version ?? -1) }
    }

    /// Sets the access rules of a znode. They bind clients of a server, not this program.
    ///
    /// - Parameter version: the access version that it must have; nil for any.
    /// - Throws: `AviaryError`: `noNode`, `badVersion`, `invalidAccess`, `diskFull`, `stopped`, `closed`.
    @discardableResult
    public func setAccess(
        _ path: String, _ access: [AccessRule], version: Int32? = nil
    ) async throws(AviaryError) -> NodeStat {
        let body = try await write(.setACL, path, in: own) { bytes in
            bytes.append(setACLRequest: path, accessList: AccessList(access), version: version ?? -1)
        }
        return try stat(body)
    }

    // MARK: Inside

    func create(
        _ path: String, _ data: [UInt8]?, mode: NodeMode, access: [AccessRule], in session: LocalSession
    ) async throws(AviaryError) -> (path: String, stat: NodeStat) {
        try checkSize(data, path)
        let body = try await write(mode.operation, path, in: session) { bytes in
            bytes.append(
                createRequest: path, data: data, accessList: AccessList(access), mode: mode.createMode,
                ttlMilliseconds: mode.timeToLiveMilliseconds)
        }
        do {
            var reader = JuteReader(body.bytes)
            let created = String(decoding: [UInt8](copying: try reader.string()), as: UTF8.self)
            return (created, NodeStat(try Stat(from: &reader)))
        } catch {
            throw AviaryError(.system, "\(path): the result cannot be read: \(error)")
        }
    }

    /// Hands a command to the engine and waits for its result: what follows the reply header.
    func write(
        _ operation: OpCode, _ path: String, in session: LocalSession, _ fill: (ByteBuilder) -> Void
    ) async throws(AviaryError) -> ResultBody {
        let outcome: WriteOutcome = await withUnsafeContinuation { completion in
            driver.submit(kind: operation.rawValue, session: session, completion: completion, body: fill)
        }
        switch outcome {
        case .applied(.ok, let body): return body
        case .applied(let error, _): throw AviaryError(error, path: path)
        case .diskFull: throw AviaryError(.diskFull, "\(path): the disk of the log is full; free some space")
        case .sessionOver: throw AviaryError(.sessionExpired, "\(path): not done, since the session is over")
        case .stopped(let reason):
            throw AviaryError(reason == EmbeddedGateway.closedReason ? .closed : .stopped, reason)
        }
    }

    func checkSize(_ data: [UInt8]?, _ path: String) throws(AviaryError) {
        guard let data, data.count > options.dataByteCountMax else { return }
        throw AviaryError(
            .tooLarge, "\(path): \(data.count) bytes of data; the limit is \(options.dataByteCountMax)")
    }

    private func stat(_ body: ResultBody) throws(AviaryError) -> NodeStat {
        do {
            var reader = JuteReader(body.bytes)
            return NodeStat(try Stat(from: &reader))
        } catch {
            throw AviaryError(.system, "the result cannot be read: \(error)")
        }
    }
}
