internal import CPosix
internal import Synchronization

/// Threads that run only while no other wants their processor: `SCHED_IDLE`, sched(7).
///
/// A niceness makes a thread's turns shorter, but a thread that wakes up may still wait for the end of one: milliseconds.
/// One of this class is put aside at once, and where it runs counts as free when the kernel looks for a processor.
///
/// On a machine that has no time to spare it hardly runs, three thousandths of a processor. So only work belongs here that
/// somebody watches, who takes it back with `leave` when it does not get on; and the kernel lets only the privileged come
/// back: those with `CAP_SYS_NICE`, or whose `RLIMIT_NICE` covers the niceness that the thread has.
package enum IdleClass {
    /// Whether threads of this niceness may enter, which is to say, come back. Costs a thread's start; any thread.
    package static func isAllowed(niceness: Int32) -> Bool {
        let isBack = Atomic(false)
        let probe = DedicatedThread(name: "aviary-probe", niceness: niceness) {
            let number = aviary_thread_number()
            let cameBack = aviary_thread_idle(number, 1) == 0 && aviary_thread_idle(number, 0) == 0
            isBack.store(cameBack, ordering: .relaxed)
        }
        probe.join()
        return isBack.load(ordering: .relaxed)
    }

    /// The calling thread enters, if `isAllowed` said so.
    ///
    /// - Returns: what `leave` takes; nil if the kernel refuses.
    package static func enter() -> Int32? {
        let number = aviary_thread_number()
        return aviary_thread_idle(number, 1) == 0 ? number : nil
    }

    /// Brings a thread back, which must not have ended; from any thread.
    package static func leave(_ number: Int32) {
        let outcome = aviary_thread_idle(number, 0)
        assert(outcome == 0, "a thread did not come back from the idle class: error \(-outcome)")
    }
}
