import CoreTypes
import PosixIO
import Synchronization
import TestSupport
import Testing

@testable import ReplicaEngine

@Suite("The thread for work that can wait")
struct MaintenanceThreadTests {
    /// Policies that jobs saw, and signals between them and the test.
    private final class Seen: Sendable {
        let policies = Mutex<[Int?]>([])
        let isUnderWay = WakeSignal()
        let goOn = WakeSignal()

        func note() {
            let policy = SchedulingClass.policy
            policies.withLock { $0.append(policy) }
        }
    }

    @Test("a job gives way to all others until it is told to hurry, and the next one does not unless it asks for it")
    func givesWay() {
        let seen = Seen()
        let done = WakeSignal()
        let thread = MaintenanceThread(name: "maintenance", niceness: 5, givesWay: true) { done.signal() }
        // What a thread has that gives way to nobody; 0 but for a process that was started as another one.
        let usual = SchedulingClass.policy
        let idle = IdleClass.isAllowed(niceness: 5) ? 5 : usual
        thread.start()
        let job: @Sendable () -> MaintenanceOutcome = {
            seen.note()
            seen.isUnderWay.signal()
            seen.goOn.wait()
            seen.note()
            return .scrub(nil)
        }
        thread.perform(givesWay: true, job) { .scrub(nil) }
        seen.isUnderWay.wait()
        let hurried = (thread.hurry(), thread.hurry())
        seen.goOn.signal()
        done.wait()
        thread.perform(job) { .scrub(nil) }
        seen.isUnderWay.wait()
        seen.goOn.signal()
        done.wait()
        thread.perform(givesWay: true, job) { .scrub(nil) }
        seen.isUnderWay.wait()
        seen.goOn.signal()
        done.wait()
        thread.stop()
        #expect(seen.policies.withLock { $0 } == [idle, usual, usual, usual, idle, idle])
        #expect(thread.takeOutcomes().count == 3)
        // Once it was told, it gives way no longer.
        #expect(hurried == (idle != usual, false))
    }

    @Test("a job that waits for its turn when the thread is told to hurry does not give way either")
    func hurriesWaiting() {
        let seen = Seen()
        let done = WakeSignal()
        let thread = MaintenanceThread(name: "maintenance", niceness: 5, givesWay: true) { done.signal() }
        let job: @Sendable () -> MaintenanceOutcome = {
            seen.note()
            return .scrub(nil)
        }
        thread.perform(givesWay: true, job) { .scrub(nil) }
        thread.hurry()
        thread.start()
        done.wait()
        thread.stop()
        #expect(seen.policies.withLock { $0 } == [SchedulingClass.policy])
    }
}
