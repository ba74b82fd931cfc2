import NIOCore
import Synchronization

/// Wakes the server's event loop when another thread finished something for the engine; many wakes before the loop gets
/// to it are one.
final class Waker: Sendable {
    private let eventLoop: any EventLoop
    private let isPending = Atomic<Bool>(false)
    /// Set once, on the loop, before the first wake can be acted upon.
    private let server: NIOLoopBoundBox<ZooKeeperServer?>

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        server = .makeEmptyBox(eventLoop: eventLoop)
    }

    /// From now on wakes reach this server. On the loop.
    func connect(to server: ZooKeeperServer?) { self.server.value = server }

    /// From any thread.
    func wake() {
        guard !isPending.exchange(true, ordering: .acquiringAndReleasing) else { return }
        eventLoop.execute { self.run() }
    }

    private func run() {
        // Before the engine looks, so that what is finished after it looked wakes again.
        isPending.store(false, ordering: .sequentiallyConsistent)
        server.value?.processCompletions()
    }
}
