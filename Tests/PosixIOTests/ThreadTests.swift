import CoreTypes
import PosixIO
import Synchronization
import TestSupport
import Testing

@Suite("Threads, signals, mailboxes, locks")
struct ThreadTests {
    @Test("everything posted from several threads is drained once, in each one's order")
    func mailbox() {
        let mailbox = Mailbox<Int>()
        let senders = (0..<3).map { sender in
            DedicatedThread(name: "sender \(sender)") {
                for index in 0..<1000 { mailbox.post(sender * 1000 + index) }
            }
        }
        var received: [Int] = []
        while received.count < 3000 {
            mailbox.wait()
            mailbox.drain(into: &received)
        }
        for sender in senders { sender.join() }
        for sender in 0..<3 {
            #expect(received.filter { $0 / 1000 == sender } == (0..<1000).map { sender * 1000 + $0 })
        }
    }

    @Test("a signal set before the wait is taken by it, once")
    func signalFirst() {
        let signal = WakeSignal()
        signal.signal()
        signal.signal()
        #expect(signal.wait(nanoseconds: 1))
        #expect(!signal.wait(nanoseconds: 1))
    }

    @Test("two threads hand a turn back and forth without losing a wake-up")
    func turns() {
        let ping = WakeSignal()
        let pong = WakeSignal()
        let count = Atomic<Int>(0)
        let thread = DedicatedThread(name: "pong", niceness: 1) {
            for _ in 0..<2000 {
                ping.wait()
                count.add(1, ordering: .relaxed)
                pong.signal()
            }
        }
        for _ in 0..<2000 {
            ping.signal()
            pong.wait()
        }
        thread.join()
        #expect(count.load(ordering: .relaxed) == 2000)
    }

    @Test("a thread enters the class of idle processors and comes back with its niceness, where that is allowed")
    func idleClass() {
        let isAllowed = IdleClass.isAllowed(niceness: 5)
        let seen = Mutex<[Int?]>([])
        let thread = DedicatedThread(name: "idler", niceness: 5) {
            let (policy, niceness) = (SchedulingClass.policy, SchedulingClass.niceness)
            var policies: [Int?] = []
            if isAllowed {
                let thread = IdleClass.current
                // The second time it is there already, and then back already.
                for _ in 0..<2 { policies += [IdleClass.enter() ? 1 : -1, SchedulingClass.policy] }
                for _ in 0..<2 { policies += [IdleClass.leave(thread) ? 1 : -1, SchedulingClass.policy] }
            }
            let isAsBefore = (SchedulingClass.policy, SchedulingClass.niceness) == (policy, niceness)
            let all = policies + [isAsBefore ? 1 : -1]
            seen.withLock { $0 = all }
        }
        thread.join()
        #expect(seen.withLock { $0 } == (isAllowed ? [1, 5, -1, 5, 1, 0, 1, 0, 1] : [1]))
    }

    @Test("a lock excludes")
    func locks() {
        // Sendable because `value` is touched only while `lock` is held.
        final class Counter: @unchecked Sendable {
            // Guarded by `lock`.
            var value = 0
            let lock = Lock()
        }
        let counter = Counter()
        let threads = (0..<4).map { index in
            DedicatedThread(name: "adder \(index)") {
                for _ in 0..<10_000 {
                    counter.lock.lock()
                    counter.value += 1
                    counter.lock.unlock()
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(counter.value == 40_000)
    }

    @Test("the monotonic clock does not go back")
    func monotonic() {
        let first = MonotonicClock.nanoseconds
        #expect(MonotonicClock.nanoseconds >= first)
        #expect(WallClock.now.rawValue > 1_600_000_000_000)
    }

    @Test("aligned memory is aligned, zero at first, and rounded up")
    func alignedBuffer() {
        let buffer = AlignedBuffer(byteCount: 4097)
        #expect(buffer.byteCount == 8192)
        buffer.store(littleEndian: UInt32(0x0102_0304), at: 4094)
        let bytes = buffer.bytes(4092..<4100)
        #expect((0..<8).map { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) } == [0, 0, 4, 3, 2, 1, 0, 0])
        buffer.fillWithZeros(4094..<4098)
        #expect((0..<8).allSatisfy { buffer.bytes(4092..<4100).unsafeLoad(fromByteOffset: $0, as: UInt8.self) == 0 })
    }
}
