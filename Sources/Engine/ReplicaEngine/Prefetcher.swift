internal import CoreTypes
internal import PosixIO
internal import Synchronization
internal import ZnodeTree

/// Looks up, while the driver's thread waits for the disk, the znodes that the commands being written will change.
///
/// A look-up in the store takes longer than all the rest of applying a small command, most of it waiting for memory; and
/// while a group is written, the processors have nothing to do. So a thread does the look-ups then, and the apply finds
/// its znodes in memory. The driver does some itself before, while it waits for writers (`ReplicaEngine.prepare`).
///
/// It has batches only between `begin` and `end`, which the driver calls before and after it writes, so their bytes do
/// not change meanwhile. The tree is touched under its lock, for one command at a time.
final class Prefetcher: @unchecked Sendable {
    // Sendable because everything that changes is touched with `lock` held only, and `thread` by the driver alone.
    private let shared: SharedTree
    private let lock = Lock()
    private var batches: [ProposalBatch] = []
    private var isStopping = false
    /// The driver wants its batches back: it would wait again and again for a lock that is free for nanoseconds only.
    private let isEnding = Atomic<Bool>(false)
    /// There will be batches at once.
    private let isExpected = Atomic<Bool>(false)
    private let wake = WakeSignal()
    private var thread: DedicatedThread?

    /// Waking the thread is not worth it for fewer commands, nor where it would run in the driver's place.
    static let commandCountMin = 16
    static let isWorthwhile = DedicatedThread.processorCount > 1

    init(_ shared: SharedTree) { self.shared = shared }

    /// Is a batch left to the apply? How long a replay would take is learned from what is applied without look-ups.
    static func leavesOut(_ batch: ProposalBatch) -> Bool { batch.number.isMultiple(of: batchPeriodLeftOut) }

    /// A prime, so that each place in a group has its turn.
    private static let batchPeriodLeftOut: UInt64 = 61

    /// Wakes the thread for a `begin` that comes within microseconds: to wake it takes the driver that long, and whoever calls
    /// this has nothing else to do. Any thread.
    func expect() {
        isExpected.store(true, ordering: .relaxed)
        wake.signal()
    }

    /// How long the thread looks for that before it sleeps again.
    private static let expectedNanoseconds: UInt64 = 30_000

    /// Takes batches whose bytes will not change before `end`; starts the thread the first time.
    ///
    /// - Returns: false if it is not worth it: then they were not taken.
    func begin(_ pending: PendingValues) -> Bool {
        var count = 0
        lock.lock()
        isEnding.store(false, ordering: .relaxed)
        pending.forEachBatch { batch in
            guard !Self.leavesOut(batch) else { return }
            count += batch.commandCount - batch.lookedUpCount
            batches.append(batch)
        }
        batches.reverse()
        if count < Self.commandCountMin { batches.removeAll(keepingCapacity: true) }
        // Last: whoever looks for it goes on with what is there.
        isExpected.store(false, ordering: .relaxed)
        lock.unlock()
        guard count >= Self.commandCountMin else { return false }
        if thread == nil { thread = DedicatedThread(name: "aviary-prefetch") { [self] in run() } }
        wake.signal()
        return true
    }

    /// Gives all batches back, looked up or not.
    func end() {
        isEnding.store(true, ordering: .relaxed)
        lock.lock()
        batches.removeAll(keepingCapacity: true)
        lock.unlock()
    }

    /// Ends the thread.
    func stop() {
        lock.lock()
        isStopping = true
        lock.unlock()
        wake.signal()
        thread?.join()
        thread = nil
    }

    private func run() {
        while true {
            wake.wait()
            awaitBegin()
            while !isEnding.load(ordering: .relaxed), step() {}
            lock.lock()
            let isOver = isStopping
            lock.unlock()
            if isOver { return }
        }
    }

    /// Woken a moment too early on purpose, it looks for what is to come; woken for what is there, it does not.
    private func awaitBegin() {
        let start = MonotonicClock.nanoseconds
        while isExpected.load(ordering: .relaxed), MonotonicClock.nanoseconds - start < Self.expectedNanoseconds {
            DedicatedThread.yield()
        }
        isExpected.store(false, ordering: .relaxed)
    }

    /// Looks a command up; `end` waits for no more than that.
    private func step() -> Bool {
        lock.lock()
        defer { lock.unlock() }
        guard let batch = batches.last else { return false }
        batch.lookUp(in: shared, count: 1)
        if batch.isLookedUp { batches.removeLast() }
        return true
    }
}
