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
    private let options: StoreOptions
    private let thread = Mutex<DedicatedThread?>(nil)

    init(directory: String, options: StoreOptions) {
        self.directory = directory
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
        let wake = EngineWake()
        do throws(EngineError) {
            let engine = try ReplicaEngine.open(directory: directory, options: engineOptions) { wake.raise() }
            let gateway = EmbeddedGateway()
            engine.register(gateway)
            let tree = engine.shared
            let driver = EngineDriver(engine: engine, gateway: gateway, wake: wake)
            driver.start()
            openOwnSession(driver, tree, done)
        } catch {
            done(.failed(AviaryError(error), nil))
        }
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
