internal import CPosix
internal import CoreTypes
internal import Synchronization

/// A thread of the operating system that runs one closure to its end.
///
/// All signals are blocked in it. It must be joined: `join` waits for the closure to end.
package final class DedicatedThread: Sendable {
    private let number: UInt64
    private let isJoined = Atomic<Bool>(false)

    /// What is handed to the new thread.
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - name: shown by `top` and debuggers; at most 15 bytes are.
    ///   - niceness: 0 as the process, up to 19 for work that can wait.
    package init(name: String, niceness: Int32 = 0, _ run: @escaping @Sendable () -> Void) {
        let body = unsafe Unmanaged.passRetained(Body(run)).toOpaque()
        var started: UInt64 = 0
        let outcome = unsafe aviary_thread_start(
            &started, name, niceness,
            { context in
                guard let context = unsafe context else { return nil }
                let body = unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
                body.run()
                return nil
            }, body)
        invariant(outcome == 0, "cannot start the thread \(name): error \(-outcome); raise the limit of threads")
        number = started
    }

    /// How many threads can run at one time.
    package static var processorCount: Int { Int(aviary_processor_count()) }

    /// Lets other threads run on this processor, if any can.
    package static func yield() { aviary_thread_yield() }

    /// Waits until the closure has ended; once, and not from the thread itself.
    package func join() {
        let wasJoined = isJoined.exchange(true, ordering: .acquiringAndReleasing)
        if wasJoined { return }
        let outcome = aviary_thread_join(number)
        invariant(outcome == 0, "cannot join a thread: error \(-outcome)")
    }

    /// Names the calling thread: equal for equal threads.
    package static var current: UInt64 { aviary_thread_self() }

    deinit {
        assert(isJoined.load(ordering: .acquiring), "a thread was dropped, not joined")
    }
}
