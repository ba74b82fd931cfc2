internal import CoreTypes
internal import ZooKeeperWire

/// A session with ephemerals of its own, which go when it is closed, or when its process has been dead for as long as
/// the session's timeout says. In a cluster also when its store is closed, or was cut off from the others for as long:
/// the session is over then.
public final class Session: Sendable {
    private let store: MetadataStore
    private let local: LocalSession

    init(_ store: MetadataStore, _ local: LocalSession) {
        self.store = store
        self.local = local
    }

    /// Its number, which is the owner of its ephemerals.
    public var id: Int64 { local.id.wireValue }

    /// Creates a znode; an ephemeral one is this session's.
    ///
    /// - Throws: as `MetadataStore.create`, and `sessionExpired`.
    @discardableResult
    public func create(
        _ path: String, _ data: [UInt8]? = [], mode: NodeMode = .ephemeral, access: [AccessRule] = [.open]
    ) async throws(AviaryError) -> (path: String, stat: NodeStat) {
        try await store.create(path, data, mode: mode, access: access, in: local)
    }

    /// Builds and commits a transaction, in which ephemerals are this session's.
    ///
    /// - Throws: as `MetadataStore.transaction`, and `sessionExpired`.
    @discardableResult
    public func transaction(_ build: (inout Transaction) throws -> Void) async throws -> [Transaction.Outcome] {
        var transaction = Transaction()
        try build(&transaction)
        return try await store.commit(transaction, in: local)
    }

    /// Ends it: its ephemerals are deleted, in one step. Durable on return.
    ///
    /// - Throws: `AviaryError`: `sessionExpired` if it was over, `diskFull`, `stopped`, `closed`.
    public func close() async throws(AviaryError) {
        _ = try await store.write(.closeSession, "session", in: local) { _ in }
    }
}

extension MetadataStore {
    /// Opens a session.
    ///
    /// - Parameter timeoutMilliseconds: how long its ephemerals outlive this process if it is killed.
    /// - Throws: `AviaryError`: `diskFull`, `stopped`, `closed`.
    public func openSession(timeoutMilliseconds: Int = 10_000) async throws(AviaryError) -> Session {
        let milliseconds = UInt32(clamping: max(timeoutMilliseconds, 1))
        let result: Result<LocalSession, AviaryError> = await withUnsafeContinuation { done in
            let isTaken = driver.perform { engine, gateway in
                gateway.open(timeoutMilliseconds: milliseconds, isHidden: false, on: engine) {
                    done.resume(returning: $0)
                }
            }
            if !isTaken { done.resume(returning: .failure(.closed)) }
        }
        return Session(self, try result.get())
    }
}
