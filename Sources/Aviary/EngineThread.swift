internal import CoreTypes
internal import PosixIO
internal import ReplicaEngine
internal import Synchronization
internal import ZnodeTree

/// The thread that drives an embedded engine: it takes in what other threads handed over, lets the log write it in one
/// group, applies it and wakes those who wait; then it takes in what came meanwhile.
///
/// Requests cross to it in batches: a caller adds to the inbox under a lock and rings only if the thread sleeps.
final class EngineThread: @unchecked Sendable {
    // Sendable because `engine` and `gateway` are touched by the thread alone, the inbox under its lock.
    private let engine: ReplicaEngine
    private let gateway: EmbeddedGateway
    private let inbox = Mutex(Inbox())
    private let bell: Bell
    private let clock: MonotonicClock
    private var thread: DedicatedThread?

    /// How long the thread sleeps at most: the granularity of timers.
    private static let tickMilliseconds: UInt64 = 250

    init(engine: ReplicaEngine, gateway: EmbeddedGateway, bell: Bell, clock: MonotonicClock) {
        self.engine = engine
        self.gateway = gateway
        self.bell = bell
        self.clock = clock
    }

    func start() throws(EngineError) {
        thread = DedicatedThread(name: "aviary-engine") { [self] in run() }
    }

    /// Hands a command over. Whoever waits on `completion` is resumed by the thread.
    ///
    /// - Returns: false if the thread takes no more: it was stopped.
    func submit(
        kind: Int32, session: LocalSession, completion: WriteCompletion, body: (ByteBuilder) -> Void
    ) -> Bool {
        let isTaken = inbox.withLock { inbox in
            guard !inbox.isClosed else { return false }
            let offset = inbox.bytes.count
            body(inbox.bytes)
            inbox.writes.append(
                WriteRequest(
                    kind: kind, session: session, offset: offset, byteCount: inbox.bytes.count - offset,
                    completion: completion))
            return true
        }
        if isTaken { bell.ring() }
        return isTaken
    }

    /// Runs `job` on the thread, between two batches.
    ///
    /// - Returns: false if the thread takes no more: it was stopped.
    @discardableResult
    func perform(_ job: @escaping @Sendable (ReplicaEngine, EmbeddedGateway) -> Void) -> Bool {
        let isTaken = inbox.withLock { inbox in
            guard !inbox.isClosed else { return false }
            inbox.jobs.append(job)
            return true
        }
        if isTaken { bell.ring() }
        return isTaken
    }

    /// Lets the thread finish what it has, close the engine and end.
    func stop(_ done: @escaping @Sendable (Result<Void, EngineError>) -> Void) -> Bool {
        let isFirst = inbox.withLock { inbox in
            guard !inbox.isClosed else { return false }
            inbox.isClosed = true
            inbox.stop = done
            return true
        }
        if isFirst { bell.ring() }
        return isFirst
    }

    // MARK: On the thread

    private func run() {
        var taken = Inbox()
        while true {
            inbox.withLock { swap(&$0, &taken) }
            if taken.isEmpty && taken.stop == nil {
                bell.wait(milliseconds: Self.tickMilliseconds)
            } else {
                takeIn(&taken)
            }
            engine.tick(now: clock.now())
            engine.endOfInput()
            engine.writeLog()
            engine.processCompletions()
            if let stop = taken.stop {
                stop(engine.close())
                return
            }
            taken.removeAll()
        }
    }

    private func takeIn(_ taken: inout Inbox) {
        for job in taken.jobs { job(engine, gateway) }
        for write in taken.writes {
            let body = taken.bytes.bytes.extracting(write.offset..<(write.offset + write.byteCount))
            gateway.submit(write, body: body, to: engine)
        }
    }
}

/// A command on its way to the engine's thread.
struct WriteRequest {
    var kind: Int32
    var session: LocalSession
    var offset: Int
    var byteCount: Int
    var completion: WriteCompletion
}

/// What waits for the engine's thread.
struct Inbox: ~Copyable {
    var writes: [WriteRequest] = []
    /// The bodies of `writes`, one after the other.
    var bytes = ByteBuilder(capacity: 64 * 1024)
    var jobs: [@Sendable (ReplicaEngine, EmbeddedGateway) -> Void] = []
    var stop: (@Sendable (Result<Void, EngineError>) -> Void)?
    var isClosed = false

    var isEmpty: Bool { writes.isEmpty && jobs.isEmpty }

    mutating func removeAll() {
        writes.removeAll(keepingCapacity: true)
        jobs.removeAll(keepingCapacity: true)
        bytes.removeAll()
    }
}
