import Glibc

/// A load generator at work: sessions opened, threads running.
///
/// Sessions are opened one after another before the first request is sent, and closed with a `closeSession` that is
/// waited for, so that neither is part of what is measured and no session is left to expire during another round.
package final class LoadRun {
    /// Each thread writes its own and is joined before it is read.
    private final class Outcome {
        var result: Result<LoadResult, any Error> = .failure(BenchmarkError("the worker did not run"))
    }

    private let plan: LoadPlan
    private var descriptors: [Int32] = []
    private var threads: [WorkerThread] = []
    private var outcomes: [Outcome] = []

    private init(_ plan: LoadPlan) { self.plan = plan }

    deinit { for descriptor in descriptors { close(descriptor) } }

    /// Opens the sessions and starts the threads.
    ///
    /// - Parameter versions: for each key, the highest version acknowledged; must stay valid until `finish`.
    package static func start(
        _ plan: LoadPlan, versions: UnsafeMutablePointer<Int32>? = nil, stop: StopFlag? = nil
    ) throws -> LoadRun {
        guard plan.connectionCount >= 1, plan.outstandingCount >= 1, plan.threadCount >= 1, !plan.addresses.isEmpty
        else { throw BenchmarkError("a load needs a server, a connection, a request and a thread") }
        let run = LoadRun(plan)
        try run.openSessions()
        try run.startThreads(versions, stop)
        return run
    }

    /// Runs a plan to its end.
    package static func run(_ plan: LoadPlan) throws -> LoadResult { try start(plan).finish() }

    private func openSessions() throws {
        for index in 0..<plan.connectionCount {
            let address = plan.addresses[index % plan.addresses.count]
            let socket = try Socket(connectingTo: address)
            socket.setTimeout(milliseconds: 30_000)
            try socket.sendAll(SessionFrames.connect(timeoutMilliseconds: 40_000))
            _ = try SessionGrant(try socket.receiveFrame())
            descriptors.append(socket.release())
        }
    }

    private func startThreads(_ versions: UnsafeMutablePointer<Int32>?, _ stop: StopFlag?) throws {
        let count = min(plan.threadCount, plan.connectionCount)
        for number in 0..<count {
            let first = plan.connectionCount * number / count
            let end = plan.connectionCount * (number + 1) / count
            let mine = Array(descriptors[first..<end])
            let outcome = Outcome()
            outcomes.append(outcome)
            let plan = self.plan
            threads.append(
                try WorkerThread {
                    outcome.result = Result {
                        var worker = try LoadWorker(
                            plan, descriptors: mine, firstIndex: first, versions: versions, stop: stop)
                        return try worker.run()
                    }
                })
        }
    }

    /// Waits for the threads, closes the sessions, and returns what all of them saw.
    package func finish() throws -> LoadResult {
        for thread in threads { thread.join() }
        threads = []
        var total = LoadResult()
        for outcome in outcomes { total.merge(try outcome.result.get()) }
        if !total.wasDisconnected { try closeSessions() }
        return total
    }

    private func closeSessions() throws {
        for descriptor in descriptors { _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL, 0) & ~O_NONBLOCK) }
        var open = descriptors
        descriptors = []
        while let descriptor = open.popLast() {
            let socket = Socket(adopting: descriptor)
            do {
                try socket.sendAll(SessionFrames.close(xid: .max))
                _ = try socket.receiveFrame()
            } catch {
                for other in open { close(other) }
                throw BenchmarkError("closing a session: \(error)")
            }
        }
    }
}
