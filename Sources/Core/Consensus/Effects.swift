package import CoreTypes

/// A record for the log.
package enum PersistRecord: Hashable, Sendable {
    /// Nothing below this ballot will be accepted.
    case promise(Ballot)
    /// `value` is accepted in `slot` under `ballot`. Its bytes are those that the shell holds for (`slot`, `source`):
    /// `source` equals `ballot` for what was just proposed or received, and is an older ballot when a new leader
    /// proposes again what it found.
    case accept(AcceptRecord)
    /// Every slot up to here is chosen, each with the value of the last accept record for it. Nothing waits for this
    /// record; it saves a restart from asking.
    case chosen(through: Slot)
}

/// See `PersistRecord.accept`.
package struct AcceptRecord: Hashable, Sendable {
    package var slot: Slot
    package var ballot: Ballot
    package var source: Ballot
    package var value: ValueDescriptor

    package init(slot: Slot, ballot: Ballot, source: Ballot, value: ValueDescriptor) {
        self.slot = slot
        self.ballot = ballot
        self.source = source
        self.value = value
    }
}

/// A message and its receiver.
package struct Envelope: Hashable, Sendable {
    package var receiver: ReplicaID
    package var message: Message

    package init(to receiver: ReplicaID, _ message: Message) {
        self.receiver = receiver
        self.message = message
    }
}

/// A message that must stay until a record is durable.
package struct DeferredEnvelope: Hashable, Sendable {
    /// The record, and with it every earlier one.
    package var after: PersistToken
    package var envelope: Envelope

    package init(after: PersistToken, _ envelope: Envelope) {
        self.after = after
        self.envelope = envelope
    }
}

/// What this replica is.
package enum RoleState: Hashable, Sendable {
    /// It follows; the leader is `none` while unknown.
    case follower(leader: ReplicaID, ballot: Ballot)
    /// It asks for the lead.
    case candidate(Ballot)
    /// It leads. It may take commands and answer reads only when `isServing`: everything that it inherited is chosen
    /// under its ballot and applied.
    case leader(Ballot, isServing: Bool)
}

/// A request to send chosen values to a peer: the shell reads them from its log and sends `Message.learn` for each, in
/// order, as many as it likes but at least one, `isLast` on the last. What it cannot read it leaves out, with
/// everything after.
package struct ServeRequest: Hashable, Sendable {
    package var receiver: ReplicaID
    package var slots: SlotRange

    package init(to receiver: ReplicaID, slots: SlotRange) {
        self.receiver = receiver
        self.slots = slots
    }
}

/// The answer to a read-index request.
package struct ReadAnswer: Hashable, Sendable {
    package var token: ReadToken
    /// The read may be answered once this slot is applied here; nil: no leader confirmed it, ask again with a new token.
    package var slot: Slot?

    package init(token: ReadToken, slot: Slot?) {
        self.token = token
        self.slot = slot
    }
}

/// This replica is too far behind for values: it needs a snapshot of `peer`, which holds values from `firstSlot` on.
package struct SnapshotNeed: Hashable, Sendable {
    package var peer: ReplicaID
    package var firstSlot: Slot

    package init(from peer: ReplicaID, firstSlot: Slot) {
        self.peer = peer
        self.firstSlot = firstSlot
    }
}

/// What the shell must do after one or several steps, in the order of the fields.
///
/// The buffer is passed to every step, which appends to it, and is emptied by the shell; steps may be gathered, but what
/// they ask for must be done before the value is asked to go back in time, that is: before a later `Effects`.
///
/// - Important: no message of `sendAfterPersist` may leave this process before the record named by its `after`, and all
///   records before that one, are on stable storage, as reported to `persisted(through:)`. Everything else may be done
///   at once and in parallel with the disk.
package struct Effects: Sendable {
    /// Records for the log, to be made durable in this order, also across calls. The ordinals of the last ones end at
    /// `persistThrough`.
    package var persist: [PersistRecord] = []
    /// The token of the last record handed over so far. Monotonic.
    package var persistThrough = PersistToken.none
    /// Messages that depend on nothing and may leave at once, before and while the records are written.
    package var send: [Envelope] = []
    /// Messages that say or imply that something is durable here. Their tokens never fall from one to the next, so
    /// a queue serves.
    package var sendAfterPersist: [DeferredEnvelope] = []
    /// Not nil: every slot through this one is chosen now, to be applied in order, each with the value of the last
    /// accept record issued for it. It may lie beyond what is durable here.
    package var chosenThrough: Slot?
    /// Not nil: the role changed; the last change stands here. A leader's ballot tells a lead lost and won again apart.
    package var role: RoleState?
    /// Values to send to peers that are behind.
    package var serve: [ServeRequest] = []
    /// Answers to read-index requests, each token once.
    package var readAnswers: [ReadAnswer] = []
    /// Not nil: catching up by values is impossible.
    package var snapshotNeed: SnapshotNeed?
    /// Slots in which a peer's chosen value differs from what this replica knows to be chosen. It must stop serving.
    package var divergences: [Slot] = []

    package init() {}

    /// Empties the buffer and keeps its storage. `persistThrough` stays.
    package mutating func removeAll() {
        // Asking first is cheaper: most of the lists are empty most of the time.
        if !persist.isEmpty { persist.removeAll(keepingCapacity: true) }
        if !send.isEmpty { send.removeAll(keepingCapacity: true) }
        if !sendAfterPersist.isEmpty { sendAfterPersist.removeAll(keepingCapacity: true) }
        chosenThrough = nil
        role = nil
        if !serve.isEmpty { serve.removeAll(keepingCapacity: true) }
        if !readAnswers.isEmpty { readAnswers.removeAll(keepingCapacity: true) }
        snapshotNeed = nil
        if !divergences.isEmpty { divergences.removeAll(keepingCapacity: true) }
    }

    /// True when there is nothing to do.
    package var isEmpty: Bool {
        persist.isEmpty && send.isEmpty && sendAfterPersist.isEmpty && chosenThrough == nil && role == nil
            && serve.isEmpty && readAnswers.isEmpty && snapshotNeed == nil && divergences.isEmpty
    }
}
