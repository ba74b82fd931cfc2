internal import CPosix
internal import Synchronization

/// Threads that run only while no other wants their processor: `SCHED_IDLE`, sched(7).
///
/// A niceness makes a thread's turns shorter, but a thread that wakes up may still wait for the end of one: milliseconds.
/// One of this class is put aside at once, and where it runs counts as free when the kernel looks for a processor.
///
/// On a machine that has no time to spare it hardly runs. So only work belongs here that somebody watches, who takes it
/// back with `leave` when it does not get on, and who does not wait for a lock that such a thread holds; and the kernel
/// lets only the privileged come back: those with `CAP_SYS_NICE`, or whose `RLIMIT_NICE` covers the thread's niceness.
package enum IdleClass {
    /// Whether threads of this niceness may enter, which is to say, come back. Costs a thread's start; any thread.
    ///
    /// A process that gives up its privileges later loses that: then `enter` refuses, and `leave` says so.
    package static func isAllowed(niceness: Int32) -> Bool {
        let isBack = Atomic(false)
        let probe = DedicatedThread(name: "aviary-probe", niceness: niceness) {
            guard enter() else { return }
            isBack.store(leave(current), ordering: .relaxed)
        }
        probe.join()
        return isBack.load(ordering: .relaxed)
    }

    /// The number of the calling thread.
    package static var current: Int32 { aviary_thread_number() }

    /// The calling thread enters.
    ///
    /// - Returns: false if it could not come back, or is in a class other than the ordinary one, this one included.
    package static func enter() -> Bool {
        // Not found out by going there: on a busy machine that would take long, and could not be undone.
        aviary_thread_may_rise() == 1 && aviary_thread_enter_idle_class() == 0
    }

    /// A thread, which must not have ended, comes back, unless it has before; any thread.
    ///
    /// - Returns: false if it may not.
    package static func leave(_ thread: Int32) -> Bool { aviary_thread_leave_idle_class(thread) == 0 }
}
