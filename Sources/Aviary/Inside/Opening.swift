internal import CoreTypes
internal import DurableLog
internal import PosixIO
internal import ReplicaEngine
internal import Synchronization

/// What opening a store comes to.
enum Opened: Sendable {
    case opened(EngineDriver, SharedTree, LocalSession)
    /// Not opened; a thread that was started already must be waited for.
    case failed(AviaryError, EngineDriver?)
}

/// Opens an engine on a thread of its own, starts the thread that drives it, and opens the store's hidden session.
final class Opening: Sendable {
    private let directory: String
    /// Checked; nil for a store that stands alone.
    private let cluster: ClusterConfiguration?
    private let options: StoreOptions
    private let thread = Mutex<DedicatedThread?>(nil)

    init(directory: String, cluster: ClusterConfiguration?, options: StoreOptions) {
        self.directory = directory
        self.cluster = cluster
        self.options = options
    }

    /// - Parameter done: called once, from another thread.
    func run(_ done: @escaping @Sendable (Opened) -> Void) {
        thread.withLock { thread in
            thread = DedicatedThread(name: "aviary-open") { [self] in
                open(done)
            }
        }
    }

    /// Waits for the opening thread's end.
    func join() {
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    private func open(_ done: @escaping @Sendable (Opened) -> Void) {
        do throws(AviaryError) {
            if let cluster {
                try openReplica(of: cluster, done)
            } else {
                try openAlone(done)
            }
        } catch {
            done(.failed(error, nil))
        }
    }

    // MARK: Alone

    private func openAlone(_ done: @escaping @Sendable (Opened) -> Void) throws(AviaryError) {
        let wake = EngineWake()
        let engine: ReplicaEngine
        do throws(EngineError) {
            engine = try ReplicaEngine.open(directory: directory, options: engineOptions) { wake.raise() }
        } catch {
            throw AviaryError(error)
        }
        let gateway = EmbeddedGateway(seat: nil)
        engine.register(gateway)
        let tree = engine.shared
        let driver = EngineDriver(engine: engine, gateway: gateway, wake: wake)
        driver.start()
        openOwnSession(driver, tree, done)
    }

    /// The session of the store's own writes. Hidden ones of earlier processes, which were killed, are ended.
    private func openOwnSession(
        _ driver: EngineDriver, _ tree: SharedTree, _ done: @escaping @Sendable (Opened) -> Void
    ) {
        _ = driver.perform { engine, gateway in
            engine.endHiddenSessions()
            gateway.open(timeoutMilliseconds: 0, isHidden: true, on: engine) { result in
                switch result {
                case .success(let own): done(.opened(driver, tree, own))
                case .failure(let error):
                    _ = driver.stop { _ in done(.failed(error, driver)) }
                }
            }
        }
    }

    // MARK: In a cluster

    private func openReplica(
        of cluster: ClusterConfiguration, _ done: @escaping @Sendable (Opened) -> Void
    ) throws(AviaryError) {
        let deadline = MonotonicClock.tick.adding(milliseconds: UInt64(max(cluster.openTimeoutMilliseconds, 1)))
        let wake = EngineWake()
        let replica = try EmbeddedReplica(cluster, directory: directory, options: engineOptions, wake: wake)
        let engine = try replica.form(until: deadline)
        let gateway = EmbeddedGateway(seat: replica.seat)
        engine.register(gateway)
        let tree = engine.shared
        let driver = EngineDriver(engine: engine, gateway: gateway, wake: wake, replica: replica)
        driver.start()
        switch openOwnSession(driver, cluster, until: deadline) {
        case .success(let own): done(.opened(driver, tree, own))
        case .failure(let error): _ = driver.stop { _ in done(.failed(error, driver)) }
        }
    }

    /// An ordinary session, which the others end when this process is gone.
    ///
    /// It was opened by a command that a leader gave its order and that is applied here: so this replica has caught up
    /// with everything that was acknowledged before.
    private func openOwnSession(
        _ driver: EngineDriver, _ cluster: ClusterConfiguration, until deadline: Tick
    ) -> Result<LocalSession, AviaryError> {
        let timeout = UInt32(clamping: max(cluster.sessionTimeoutMilliseconds, 1))
        let answer = Answer<Result<LocalSession, AviaryError>>()
        _ = driver.perform { engine, gateway in
            gateway.open(timeoutMilliseconds: timeout, isHidden: false, isRenewable: true, on: engine) {
                answer.give($0)
            }
        }
        let now = MonotonicClock.tick
        if now < deadline, let result = answer.wait(milliseconds: deadline.rawValue - now.rawValue) { return result }
        let reason = Answer<AviaryError>()
        _ = driver.perform { engine, gateway in
            guard let seat = gateway.seat else { return }
            reason.give(EmbeddedReplica.notReady(cluster, seat, engine))
        }
        return .failure(
            reason.wait(milliseconds: Self.reasonMilliseconds) ?? AviaryError(.notReady, "the replica does not serve"))
    }

    /// How long the driver may take to say what is missing: a turn, on a machine that has much else to do.
    private static let reasonMilliseconds: UInt64 = 10_000

    private var engineOptions: EngineOptions {
        var made = EngineOptions()
        made.logDirectory = options.logDirectory
        made.deltaByteCountCheckpoint = options.checkpointByteCount
        made.deltaByteCountMax = max(options.checkpointByteCount * 8 / 3, made.deltaByteCountMax)
        made.checkpointIntervalMilliseconds = UInt64(max(options.checkpointIntervalSeconds, 1)) * 1_000
        made.snapshotIntervalMilliseconds = UInt64(max(options.snapshotIntervalSeconds, 1)) * 1_000
        made.snapshotCountKept = options.snapshotCountKept
        if options.unsafeNoSync { made.log.syncMode = .unsafeNoSync }
        return made
    }
}

extension AviaryError {
    /// From why an engine could not be opened.
    init(_ error: EngineError) {
        let code: Code =
            switch error.kind {
            case .directoryInUse: .directoryInUse
            case .newerVersion: .newerVersion
            case .directoryNotUsable: .directoryNotUsable
            case .damaged, .damagedStore: .damaged
            case .diskFull: .diskFull
            case .stopped: .stopped
            }
        self.init(code, error.description)
    }
}
