internal import CoreTypes
internal import PosixIO
internal import ReplicaEngine
internal import Synchronization
internal import SystemPackage

/// A durable tree of znodes in a directory: for this process alone, or as a replica of a cluster.
///
/// ```swift
/// let store = try await MetadataStore.open("data")
/// try await store.create("/config", Array("v1".utf8))
/// let node = try store.get("/config")
/// try await store.set("/config", Array("v2".utf8), version: node.stat.version)
/// try await store.close()
/// ```
///
/// **Writes** are asynchronous and batch with one another: whatever is submitted while the disk is busy shares the next
/// write. A write returns when it is on stable storage and applied. **Reads** are synchronous, may be called from any
/// thread, and never wait for the disk's writes; they see every write that returned before they began.
///
/// A process that is killed at any point finds on reopening exactly the writes that returned, plus possibly some that
/// were under way, each whole.
///
/// The directory is locked: one process has it open. A store must be closed before the last reference to it goes.
///
/// **In a cluster** a write may be made at any replica. It returns when more than half of the voters have it on stable
/// storage and it was applied here, and it is done exactly once, whoever leads and whatever fails meanwhile; without
/// more than half of the voters it waits. Reads are of this replica: they see what it wrote itself, and what others wrote
/// up to a moment ago (`ClusterStatus.unconfirmedMilliseconds`); a read after `sync` sees everything that was
/// acknowledged anywhere before.
public final class MetadataStore: Sendable {
    let driver: EngineDriver
    let tree: SharedTree
    let options: StoreOptions
    /// The hidden session that the store's own writes run in.
    let own: LocalSession
    /// Set when the end begins: nothing is read from then on.
    let isClosed = Atomic<Bool>(false)

    private static let closedBefore = "closed before"

    private init(driver: EngineDriver, tree: SharedTree, options: StoreOptions, own: LocalSession) {
        self.driver = driver
        self.tree = tree
        self.options = options
        self.own = own
    }

    /// Opens a directory, or makes an empty store in it.
    ///
    /// Replays what the log has beyond the last checkpoint: the time that takes does not depend on the size of the tree.
    /// Nothing is ever deleted by opening.
    ///
    /// As a replica of a cluster, it returns when this replica has caught up with the leader. An empty directory becomes
    /// that of a new replica at the first start of a cluster, which waits for all of its voters; a directory belongs to
    /// its cluster and its number from then on.
    ///
    /// - Parameter cluster: the cluster that the store is a replica of; nil for a store that stands alone.
    /// - Throws: `AviaryError`: `directoryInUse`, `newerVersion`, `directoryNotUsable` (also: it belongs to another cluster
    ///   or number, or to none), `damaged`, `diskFull`; `badArguments` if there can be no such cluster; `notReady` if the
    ///   cluster does not serve in time; `system` if the peer port cannot be listened on. Nothing is open then.
    public static func open(
        _ directory: String, cluster: ClusterConfiguration? = nil, options: StoreOptions = StoreOptions()
    ) async throws(AviaryError) -> MetadataStore {
        try cluster?.check()
        // Opening blocks on the disk: it has a thread of its own for as long as it takes.
        let opening = Opening(directory: directory, cluster: cluster, options: options)
        let outcome = await withUnsafeContinuation { (done: UnsafeContinuation<Opened, Never>) in
            opening.run { done.resume(returning: $0) }
        }
        opening.join()
        switch outcome {
        case .failed(let error, let driver):
            driver?.join()
            throw error
        case .opened(let driver, let tree, let own):
            return MetadataStore(driver: driver, tree: tree, options: options, own: own)
        }
    }

    /// Finishes the writes under way, takes a checkpoint and closes the directory. Later calls throw `closed`.
    ///
    /// In a cluster the sessions of this store are ended first, so that nobody waits for their timeouts, and a leader hands
    /// the lead over. Without more than half of the voters neither can be, and nobody is waited for.
    ///
    /// - Throws: `AviaryError`: `closed` if it was closed before; `stopped` if it could not end in order, which loses
    ///   nothing that was acknowledged.
    public func close() async throws(AviaryError) {
        isClosed.store(true, ordering: .releasing)
        let error: EngineError? = await withUnsafeContinuation { done in
            let isFirst = driver.stop { done.resume(returning: $0) }
            if !isFirst { done.resume(returning: EngineError(.stopped, Self.closedBefore)) }
        }
        if error?.description == Self.closedBefore { throw .closed }
        driver.join()
        if let error { throw AviaryError(.stopped, error.description) }
    }

    /// What the store is doing now.
    ///
    /// - Throws: `AviaryError`: `closed`.
    public func status() async throws(AviaryError) -> StoreStatus {
        try await onEngine { engine, gateway in
            StoreStatus(engine.status, cluster: gateway.seat.map { ClusterStatus(engine, $0) })
        }
    }

    /// Takes a snapshot of everything acknowledged so far into one file, which can be copied away.
    ///
    /// Durable on return, and read back once. Writes go on meanwhile.
    ///
    /// - Throws: `AviaryError`: `diskFull`, `system`, `closed`.
    public func snapshot(to path: String) async throws(AviaryError) -> SnapshotInfo {
        let result: Result<SnapshotReport, MaintenanceFailure>? = await withUnsafeContinuation { done in
            let isTaken = driver.perform { engine, _ in
                engine.requestSnapshot(to: FilePath(path)) { done.resume(returning: $0) }
            }
            if !isTaken { done.resume(returning: nil) }
        }
        switch result {
        case nil: throw .closed
        case .success(let report): return SnapshotInfo(report)
        case .failure(let failure): throw AviaryError(failure.isOutOfSpace ? .diskFull : .system, failure.message)
        }
    }

    /// Runs something on the engine's thread and returns what it gives.
    func onEngine<Value: Sendable>(
        _ job: @escaping @Sendable (ReplicaEngine, EmbeddedGateway) -> Value
    ) async throws(AviaryError) -> Value {
        let value: Value? = await withUnsafeContinuation { done in
            let isTaken = driver.perform { engine, gateway in done.resume(returning: job(engine, gateway)) }
            if !isTaken { done.resume(returning: nil) }
        }
        guard let value else { throw .closed }
        return value
    }
}

extension AviaryError {
    static var closed: AviaryError { AviaryError(.closed, "the store is closed") }
}
