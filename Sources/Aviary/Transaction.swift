internal import CoreTypes
internal import Jute
internal import ZooKeeperWire

/// Operations that take effect together or not at all. Built by the closure of `MetadataStore.transaction`.
public struct Transaction: Sendable {
    /// What one operation came to.
    public enum Outcome: Hashable, Sendable {
        /// The path that was created, and its Stat.
        case created(path: String, stat: NodeStat)
        /// The Stat after the data was set.
        case set(NodeStat)
        /// The znode is deleted.
        case deleted
        /// The version was as it had to be.
        case checked
    }

    enum Operation: Sendable {
        case create(String, [UInt8]?, NodeMode, [AccessRule])
        case set(String, [UInt8]?, Int32)
        case delete(String, Int32)
        case check(String, Int32)

        var path: String {
            switch self {
            case .create(let path, _, _, _), .set(let path, _, _), .delete(let path, _), .check(let path, _): path
            }
        }
    }

    private(set) var operations: [Operation] = []

    /// Creates a znode.
    public mutating func create(
        _ path: String, _ data: [UInt8]? = [], mode: NodeMode = .persistent, access: [AccessRule] = [.open]
    ) {
        operations.append(.create(path, data, mode, access))
    }

    /// Sets the data of a znode; nil for any version.
    public mutating func set(_ path: String, _ data: [UInt8]?, version: Int32? = nil) {
        operations.append(.set(path, data, version ?? -1))
    }

    /// Deletes a znode; nil for any version.
    public mutating func delete(_ path: String, version: Int32? = nil) {
        operations.append(.delete(path, version ?? -1))
    }

    /// Lets the transaction take effect only if a znode exists and has this version; nil for any.
    public mutating func check(_ path: String, version: Int32? = nil) {
        operations.append(.check(path, version ?? -1))
    }
}

extension Transaction {
    /// Appends the request.
    func encode(into bytes: ByteBuilder) {
        for operation in operations {
            let none = ErrorCode(rawValue: -1)
            switch operation {
            case .create(let path, let data, let mode, let access):
                MultiHeader(operation: mode.operation, error: none).encode(into: bytes)
                bytes.append(
                    createRequest: path, data: data, accessList: AccessList(access), mode: mode.createMode,
                    ttlMilliseconds: mode.timeToLiveMilliseconds)
            case .set(let path, let data, let version):
                MultiHeader(operation: .setData, error: none).encode(into: bytes)
                bytes.append(setDataRequest: path, data: data, version: version)
            case .delete(let path, let version):
                MultiHeader(operation: .delete, error: none).encode(into: bytes)
                bytes.append(deleteRequest: path, version: version)
            case .check(let path, let version):
                MultiHeader(operation: .check, error: none).encode(into: bytes)
                bytes.append(deleteRequest: path, version: version)
            }
        }
        MultiHeader.end.encode(into: bytes)
    }

    /// Reads the result.
    ///
    /// - Throws: the error of the operation that failed, with its path.
    func outcomes(_ body: ResultBody) throws(AviaryError) -> [Outcome] {
        do {
            return try readOutcomes(body)
        } catch let error as AviaryError {
            throw error
        } catch {
            throw AviaryError(.system, "the result of a transaction cannot be read: \(error)")
        }
    }

    private func readOutcomes(_ body: ResultBody) throws -> [Outcome] {
        var reader = JuteReader(body.bytes)
        var outcomes: [Outcome] = []
        var failure: AviaryError?
        for operation in operations {
            let header = try MultiHeader(from: &reader)
            switch header.operation {
            case .create2:
                let path = String(decoding: [UInt8](copying: try reader.string()), as: UTF8.self)
                outcomes.append(.created(path: path, stat: NodeStat(try Stat(from: &reader))))
            case .setData: outcomes.append(.set(NodeStat(try Stat(from: &reader))))
            case .delete: outcomes.append(.deleted)
            case .check: outcomes.append(.checked)
            default:
                let error = ErrorCode(rawValue: try reader.int32())
                // Those before the one that failed say OK, those after it that they were not tried.
                if error != .ok && failure == nil { failure = AviaryError(error, path: operation.path) }
            }
        }
        if let failure { throw failure }
        return outcomes
    }
}

extension MetadataStore {
    /// Builds and commits a transaction: all of its operations take effect, or none.
    ///
    /// - Returns: what each operation came to, in order.
    /// - Throws: what `build` throws, and then nothing was done; or `AviaryError` of the operation that failed, with its
    ///   path: as for the single operations.
    @discardableResult
    public func transaction(_ build: (inout Transaction) throws -> Void) async throws -> [Transaction.Outcome] {
        var transaction = Transaction()
        try build(&transaction)
        return try await commit(transaction, in: own)
    }

    func commit(_ transaction: Transaction, in session: LocalSession) async throws(AviaryError) -> [Transaction.Outcome]
    {
        for case .create(let path, let data, _, _) in transaction.operations { try checkSize(data, path) }
        for case .set(let path, let data, _) in transaction.operations { try checkSize(data, path) }
        let bytes = ByteBuilder()
        transaction.encode(into: bytes)
        guard bytes.count <= Limits.frameByteCountCeiling else {
            throw AviaryError(
                .tooLarge, "a transaction of \(bytes.count) bytes; the limit is \(Limits.frameByteCountCeiling)")
        }
        let encoded = [UInt8](copying: bytes.bytes)
        let body = try await write(.multi, "transaction", in: session) { $0.append(encoded.span.bytes) }
        return try transaction.outcomes(body)
    }
}
