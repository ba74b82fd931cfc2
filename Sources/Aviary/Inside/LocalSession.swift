internal import CoreTypes
internal import DequeModule

/// A session of this process, as the engine's thread knows it.
final class LocalSession: @unchecked Sendable {
    // `id` and `attachment` never change; the rest is touched by the engine's thread alone.
    let id: SessionID
    let attachment: AttachmentID
    /// The sequence that the next command gets.
    var nextSequence: UInt64 = 1
    /// Those who wait, in the order of their commands, which is the order of the results.
    var waiting: Deque<WriteCompletion> = []
    /// Its end: expired or closed.
    var isOver = false

    init(id: SessionID, attachment: AttachmentID) {
        self.id = id
        self.attachment = attachment
    }
}
