import Logging
import NIOCore
import NIOPosix
import ReplicaEngine
import ServiceLifecycle
import ZooKeeperServer

/// The server as a service: runs until it is asked to stop or its replica fails.
struct ServerService: Service {
    let settings: Settings
    let logger: Logger

    /// Returns when it was stopped as asked, its data checkpointed and marked clean.
    ///
    /// - Throws: `StartFailure` if it cannot start, or if its replica stopped by itself.
    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let outcome: Result<Void, any Error>
        do {
            try await serve(on: group.next())
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try await group.shutdownGracefully()
        try outcome.get()
    }

    private func serve(on eventLoop: any EventLoop) async throws {
        let server = try await start(on: eventLoop)
        let reason = try await waitForEnd(of: server)
        do {
            try await server.stop()
        } catch let error as EngineError where reason == nil {
            throw StartFailure(error)
        }
        if let reason { throw StartFailure(.disk, "the replica stopped: \(reason)") }
        logger.info("stopped cleanly")
    }

    private func start(on eventLoop: any EventLoop) async throws -> RunningServer {
        do {
            let server = try await RunningServer.start(
                configuration: settings.server, cluster: try cluster(), on: eventLoop, logger: logger,
                openEngine: { [settings] replication, wake in
                    var options = settings.engine
                    options.cluster = replication
                    return try ReplicaEngine.open(
                        directory: settings.dataDirectory, options: options, onProgress: wake)
                })
            try await announce(server)
            return server
        } catch let error as EngineError {
            throw StartFailure(error)
        } catch let error as IOError {
            throw StartFailure(.unavailable, unavailable("\(error)"))
        } catch let error as NIOConnectionError {
            throw StartFailure(.unavailable, unavailable("\(error)"))
        }
    }

    /// The cluster to be a member of, and what the data directory says of it; nil alone.
    private func cluster() throws(EngineError) -> (settings: ClusterSettings, state: DirectoryState)? {
        guard let cluster = settings.cluster else { return nil }
        let state = try DataDirectory.prepareMember(
            cluster.ownReplica, directory: settings.dataDirectory, logDirectory: settings.engine.logDirectory)
        return (cluster, state)
    }

    private func unavailable(_ cause: String) -> String {
        let place = "\(settings.server.clientAddress):\(settings.server.clientPort)"
        let isInUse = cause.contains("98") || cause.contains("in use")
        return isInUse
            ? "\(place) is in use by another process; stop that one, or choose another port with --client-port"
            : "\(place) cannot be listened on: \(cause); choose an address of this machine with --client-address"
    }

    /// - Returns: why the replica stopped by itself; nil if the process was asked to stop.
    private func waitForEnd(of server: RunningServer) async throws -> String? {
        try await withGracefulShutdownHandler {
            try await server.waitForEnd()
        } onGracefulShutdown: {
            server.endWait()
        }
    }

    /// One line that says what an operator wants to know first.
    private func announce(_ server: RunningServer) async throws {
        let summary = try await server.startSummary()
        if summary.isUnsafeNoSync {
            logger.warning(
                "UNSAFE: writes are acknowledged before they are on disk (--unsafe-no-sync); a crash loses them")
        }
        for notice in summary.notices { logger.warning("\(notice)") }
        let sync = summary.syncMicroseconds.map { "sync takes \($0) us" } ?? "sync was not measured"
        logger.info(
            """
            serving \(summary.dataDirectory) on \(server.address.ipAddress ?? settings.server.clientAddress):\
            \(server.address.port ?? 0): log mode \(summary.logMode), \(sync); \(summary.znodeCount) znodes; \
            replay of \(summary.replayedSlotCount) slots took \(milliseconds(summary.replayMicroseconds)) ms, \
            opening \(milliseconds(summary.openMicroseconds)) ms
            """)
    }

    private func milliseconds(_ microseconds: UInt64) -> String {
        "\(microseconds / 1_000).\(microseconds / 100 % 10)"
    }
}
