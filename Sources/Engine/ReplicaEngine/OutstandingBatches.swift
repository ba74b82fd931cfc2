internal import CoreTypes
internal import DequeModule

/// The batches of this replica's own sessions that were not seen applied, in the order of their submission.
///
/// They are *sent*, to the leader or into its own proposals, and sent again, all of them and in order, when the leader
/// changed or its connection broke. The tree executes each command once (`design.md` D7): what arrives twice is a
/// repetition and skipped; what arrives before something that was lost is a gap and refused, and comes again with it.
///
/// Invariant: `sentCount` batches at the front were sent to the present leader since it became that.
struct OutstandingBatches {
    private var batches: Deque<ProposalBatch> = []
    private(set) var sentCount = 0
    private(set) var byteCount = 0
    /// Something of it was applied since `takeProgress`.
    private var hasProgress = false

    var isEmpty: Bool { batches.isEmpty }

    /// The number of the oldest batch.
    var firstNumber: UInt64? { batches.first?.number }

    mutating func append(_ batch: ProposalBatch) {
        batches.append(batch)
        byteCount += batch.bytes.count
    }

    /// The next batch to send.
    mutating func nextUnsent() -> ProposalBatch? {
        guard sentCount < batches.count else { return nil }
        sentCount += 1
        return batches[sentCount - 1]
    }

    /// Everything must be sent again.
    mutating func rewind() { sentCount = 0 }

    /// Was anything applied since this was asked last?
    mutating func takeProgress() -> Bool {
        defer { hasProgress = false }
        return hasProgress
    }

    /// A command was seen applied.
    ///
    /// - Returns: false if it was not awaited: it had been seen before.
    /// - Complexity: O(1) when commands are applied in the order in which they were submitted.
    mutating func complete(_ attachment: AttachmentID, _ sequence: UInt64) -> Bool {
        for batch in batches {
            guard batch.complete(attachment, sequence) else { continue }
            hasProgress = true
            return true
        }
        return false
    }

    /// Whether a command is awaited that was submitted behind a batch, and nothing of its attachment up to that batch.
    func isNext(_ attachment: AttachmentID, _ sequence: UInt64, behind number: UInt64) -> Bool {
        var isFound = false
        for batch in batches {
            if batch.number > number {
                isFound = isFound || batch.awaits(attachment) { $0 == sequence }
            } else if batch.awaits(attachment, { _ in true }) {
                return false
            }
        }
        return isFound
    }

    /// Nobody waits for an attachment's commands any more.
    ///
    /// They were accepted, and stay to be executed; only a command that would attach is dropped: it would take the
    /// session from whoever holds it then.
    mutating func forgetAttaching(_ attachment: AttachmentID) {
        for batch in batches { _ = batch.complete(attachment, 0) }
    }

    /// Takes out the batches at the front of which nothing is awaited.
    mutating func popDone() -> ProposalBatch? {
        guard let first = batches.first, first.isDone else { return nil }
        batches.removeFirst()
        byteCount -= first.bytes.count
        sentCount = max(0, sentCount - 1)
        return first
    }
}
