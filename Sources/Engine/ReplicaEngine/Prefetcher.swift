internal import CoreTypes
internal import PosixIO
internal import ZnodeTree

/// Looks up, while the driver's thread waits for the disk, the znodes that the commands being written will change.
///
/// A look-up in the store takes longer than all the rest of applying a small command, most of it waiting for memory; and
/// while a group is written, the processors have nothing to do. So a thread does the look-ups then, and the apply finds
/// its znodes in memory.
///
/// It has batches only between `begin` and `end`, which the driver calls before and after it writes, so their bytes do
/// not change meanwhile. The tree is touched under its lock, one batch at a time.
final class Prefetcher: @unchecked Sendable {
    // Sendable because everything that changes is touched with `lock` held only, and `thread` by the driver alone.
    private let shared: SharedTree
    private let lock = Lock()
    private var batches: [ProposalBatch] = []
    private var isStopping = false
    private let wake = WakeSignal()
    private var thread: DedicatedThread?

    /// Waking the thread is not worth it for fewer commands, nor where it would run in the driver's place.
    static let commandCountMin = 16
    static let isWorthwhile = DedicatedThread.processorCount > 1

    init(_ shared: SharedTree) { self.shared = shared }

    /// Takes batches whose bytes will not change before `end`; starts the thread the first time.
    func begin(_ pending: PendingValues) {
        lock.lock()
        pending.forEachBatch { batches.append($0) }
        batches.reverse()
        lock.unlock()
        if thread == nil { thread = DedicatedThread(name: "aviary-prefetch") { [self] in run() } }
        wake.signal()
    }

    /// Gives all batches back, looked up or not.
    func end() {
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
            while step() {}
            lock.lock()
            let isOver = isStopping
            lock.unlock()
            if isOver { return }
        }
    }

    /// Does one batch; `end` waits for no more than that.
    private func step() -> Bool {
        lock.lock()
        defer { lock.unlock() }
        guard let batch = batches.popLast() else { return false }
        let bytes = batch.bytes
        shared.withLock { $0.prefetch(bytes.bytes) }
        return true
    }
}
