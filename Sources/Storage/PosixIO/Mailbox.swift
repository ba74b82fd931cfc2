package import Synchronization

/// A queue into one thread: many post, one drains everything at once. The thread is woken only when it sleeps.
///
/// Unbounded by itself: whoever posts is bounded by a limit of its own (`Limits`).
package final class Mailbox<Element: Sendable>: Sendable {
    @usableFromInline let posted = Mutex<[Element]>([])
    /// Set by every post; may be shared by several mailboxes of one thread.
    package let wake: WakeSignal

    package init(wake: WakeSignal = WakeSignal()) { self.wake = wake }

    /// Adds an element and wakes the thread if it sleeps.
    ///
    /// - Complexity: O(1) amortised, a few nanoseconds; a system call only when the thread sleeps.
    @inlinable
    package func post(_ element: Element) {
        posted.withLock { $0.append(element) }
        wake.signal()
    }

    /// Moves everything that was posted to the end of `elements`, in order; keeps the memory of both.
    @inlinable
    package func drain(into elements: inout [Element]) {
        posted.withLock { waiting in
            elements.append(contentsOf: waiting)
            waiting.removeAll(keepingCapacity: true)
        }
    }

    /// Sleeps until something was posted or `wake` was signalled.
    package func wait() { wake.wait() }
}
