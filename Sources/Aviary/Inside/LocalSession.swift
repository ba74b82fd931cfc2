internal import CoreTypes
internal import DequeModule

/// A session of this process, as the engine's thread knows it.
final class LocalSession: @unchecked Sendable {
    // All of it is touched by the engine's thread alone, but for `id` of sessions that are not renewed, which never
    // changes.
    private(set) var id: SessionID
    private(set) var attachment: AttachmentID
    // One thread at a time: checking each access at run time for overlaps only costs.
    @exclusivity(unchecked) private var uncheckedNextSequence: UInt64 = 1
    @exclusivity(unchecked) private var uncheckedWaiting: Deque<WriteCompletion?> = []

    /// The sequence that the next command gets.
    var nextSequence: UInt64 {
        get { unsafe uncheckedNextSequence }
        set { unsafe uncheckedNextSequence = newValue }
    }

    /// Those who wait, in the order of their commands, which is the order of the results; nil where nobody does.
    var waiting: Deque<WriteCompletion?> {
        get { unsafe uncheckedWaiting }
        _modify { yield unsafe &uncheckedWaiting }
    }

    /// Its end: expired or closed.
    var isOver = false
    /// The timeout of the session that takes its place after its end; nil if none does. The store's own session in a
    /// cluster is renewed: the others end it when this replica was cut off from them for longer.
    let renewalMilliseconds: UInt32?
    /// Another session was asked for to take its place.
    var isRenewing = false

    init(id: SessionID, attachment: AttachmentID, renewalMilliseconds: UInt32?) {
        self.id = id
        self.attachment = attachment
        self.renewalMilliseconds = renewalMilliseconds
    }

    /// Another session takes its place.
    func renew(id: SessionID, attachment: AttachmentID) {
        self.id = id
        self.attachment = attachment
        nextSequence = 1
        isOver = false
        isRenewing = false
    }

    /// It is over: what waits was not done.
    func end() {
        isOver = true
        for completion in waiting { completion?.resume(returning: .sessionOver) }
        waiting.removeAll()
    }
}
