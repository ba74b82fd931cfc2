internal import CoreTypes
internal import PosixIO
internal import ReplicaEngine

/// What threads hand over to the driver.
///
/// An object of its own: what it holds goes back and forth between the processors, and what only one of them needs would
/// go with it if it lay beside it.
final class Mailbox: @unchecked Sendable {
    // Sendable because `inbox` is touched with `lock` held only.
    private let lock = Lock()
    private var inbox = Inbox()

    /// What became of a write that was handed over.
    enum Outcome {
        /// It is not taken: the store was closed.
        case refused
        /// Nobody looks: the driver must be woken.
        case isUnseen
        /// Whoever drives looks again.
        case isSeen
        /// He does, and it is the last one that he waits for.
        case isLastAwaited
    }

    private func locked<Result>(_ body: (inout Inbox) -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body(&inbox)
    }

    func append(
        kind: Int32, session: LocalSession, completion: WriteCompletion, body: (ByteBuilder) -> Void
    ) -> Outcome {
        locked { inbox in
            guard inbox.stop == nil else { return .refused }
            let offset = inbox.bytes.count
            body(inbox.bytes)
            inbox.writes.append(
                WriteRequest(
                    kind: kind, session: session, bytes: offset..<inbox.bytes.count, completion: completion))
            guard inbox.isWatched else { return .isUnseen }
            return inbox.writes.count == inbox.awaitedWriteCount ? .isLastAwaited : .isSeen
        }
    }

    /// - Returns: false if it is not taken: the store was closed.
    func append(job: @escaping @Sendable (ReplicaEngine, EmbeddedGateway) -> Void) -> Bool {
        locked { inbox in
            guard inbox.stop == nil else { return false }
            inbox.jobs.append(job)
            return true
        }
    }

    /// Nothing is taken from here on.
    ///
    /// - Returns: false if that was said before.
    func close(_ done: @escaping @Sendable (EngineError?) -> Void) -> Bool {
        locked { inbox in
            guard inbox.stop == nil else { return false }
            inbox.stop = done
            return true
        }
    }

    /// Whom to tell of the end, if it was asked for.
    var stop: (@Sendable (EngineError?) -> Void)? { locked { $0.stop } }

    /// The driver takes what there is, and says that it will look again.
    ///
    /// - Parameters:
    ///   - taken: an empty inbox, whose memory is used again.
    ///   - count: so many writes are waited for, with those that are there.
    func takeOver(into taken: inout Inbox, awaiting count: Int) {
        lock.lock()
        inbox.isWatched = true
        inbox.awaitedWriteCount = max(0, count - inbox.writes.count)
        taken.takeOver(from: &inbox)
        lock.unlock()
    }

    /// The driver looks no more from here on, but once if he still has the role.
    func leave() { locked { $0.isWatched = false } }

    var isEmpty: Bool { locked { $0.isEmpty } }
}
