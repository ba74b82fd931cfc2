internal import CoreTypes
internal import PosixIO
internal import ReplicaEngine
internal import Synchronization
internal import ZnodeTree

/// The thread that drives an embedded engine: it takes in what other threads handed over, lets the log write it in one
/// group, applies it and wakes those who wait.
///
/// Requests cross to it in batches: a caller adds to the inbox under a lock, and wakes the thread only if it sleeps.
final class EngineThread: @unchecked Sendable {
    // Sendable because `engine` and `gateway` are touched by the thread alone, and the inbox under its lock.
    private let engine: ReplicaEngine
    private let gateway: EmbeddedGateway
    private let lock = Lock()
    private var inbox = Inbox()
    private let wake: WakeSignal
    private let thread = Mutex<DedicatedThread?>(nil)

    /// How long the thread sleeps at most: the granularity of timers.
    private static let tickNanoseconds: UInt64 = 250_000_000

    /// - Parameter wake: what the engine's other threads signal.
    init(engine: ReplicaEngine, gateway: EmbeddedGateway, wake: WakeSignal) {
        self.engine = engine
        self.gateway = gateway
        self.wake = wake
    }

    func start() {
        thread.withLock { $0 = DedicatedThread(name: "aviary-engine") { [self] in run() } }
    }

    /// Hands a command over; whoever waits on `completion` is resumed by the thread.
    func submit(kind: Int32, session: LocalSession, completion: WriteCompletion, body: (ByteBuilder) -> Void) {
        let isTaken = locked { inbox in
            guard inbox.stop == nil else { return false }
            let offset = inbox.bytes.count
            body(inbox.bytes)
            inbox.writes.append(
                WriteRequest(
                    kind: kind, session: session, bytes: offset..<inbox.bytes.count, completion: completion))
            return true
        }
        if isTaken { wake.signal() } else { completion.resume(returning: .stopped("the store is closed")) }
    }

    /// Runs `job` on the thread, between two batches.
    ///
    /// - Returns: false if the thread takes no more: the store was closed.
    func perform(_ job: @escaping @Sendable (ReplicaEngine, EmbeddedGateway) -> Void) -> Bool {
        let isTaken = locked { inbox in
            guard inbox.stop == nil else { return false }
            inbox.jobs.append(job)
            return true
        }
        if isTaken { wake.signal() }
        return isTaken
    }

    /// Lets the thread finish what it has, close the engine and end.
    ///
    /// - Returns: false if that was asked for before.
    func stop(_ done: @escaping @Sendable (EngineError?) -> Void) -> Bool {
        let isFirst = locked { inbox in
            guard inbox.stop == nil else { return false }
            inbox.stop = done
            return true
        }
        if isFirst { wake.signal() }
        return isFirst
    }

    /// Waits for the thread's end, once it was told to stop.
    func join() {
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    private func locked<Result>(_ body: (inout Inbox) -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body(&inbox)
    }

    // MARK: On the thread

    private func run() {
        var taken = Inbox()
        while true {
            locked { taken.takeOver(from: &$0) }
            for job in taken.jobs { job(engine, gateway) }
            let bytes = taken.bytes
            for write in taken.writes {
                gateway.submit(write, body: bytes.bytes.extracting(write.bytes), to: engine)
            }
            taken.removeAll()
            engine.endOfInput()
            engine.processCompletions()
            if let stop = taken.stop { return end(stop) }
            if !wake.wait(nanoseconds: Self.tickNanoseconds) { gateway.touchAll(engine) }
            engine.tick(now: MonotonicClock.tick)
        }
    }

    private func end(_ stop: @Sendable (EngineError?) -> Void) {
        gateway.endStreams(nil)
        do throws(EngineError) {
            try engine.close()
            stop(nil)
        } catch {
            stop(error)
        }
    }
}

/// A command on its way to the engine's thread.
struct WriteRequest {
    var kind: Int32
    var session: LocalSession
    /// Its body, in the inbox's bytes.
    var bytes: Range<Int>
    var completion: WriteCompletion
}

/// What waits for the engine's thread.
struct Inbox {
    var writes: [WriteRequest] = []
    /// The bodies of `writes`, one after the other.
    var bytes = ByteBuilder(capacity: 64 * 1_024)
    var jobs: [@Sendable (ReplicaEngine, EmbeddedGateway) -> Void] = []
    /// Set once, when the store is closed; nothing is taken after it.
    var stop: (@Sendable (EngineError?) -> Void)?

    /// Takes what waits in another inbox, which gets the empty memory of this one.
    mutating func takeOver(from other: inout Inbox) {
        swap(&writes, &other.writes)
        swap(&bytes, &other.bytes)
        swap(&jobs, &other.jobs)
        stop = other.stop
    }

    /// Forgets what was taken and keeps the memory.
    mutating func removeAll() {
        writes.removeAll(keepingCapacity: true)
        jobs.removeAll(keepingCapacity: true)
        bytes.removeAll()
    }
}
