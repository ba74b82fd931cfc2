internal import Consensus
internal import CoreTypes
internal import DequeModule
internal import DurableLog

/// The last value that was accepted in a slot, from its acceptance to its apply.
struct PendingValue {
    /// The ballot of the last accept record.
    var ballot: Ballot
    var value: ValueDescriptor
    /// Its bytes; nil for a no-op, and for what is read from the log again when it is needed.
    var batch: ProposalBatch?
    /// Its place in the log; `none` until it is there.
    var sequence = LogSequence.none
}

/// The accepted values of the slots after the applied ones.
///
/// Slots may be missing: they arrive in any order. Invariant: nothing is held for an applied slot.
struct PendingValues {
    /// The last applied slot.
    private(set) var base: Slot
    private var entries: Deque<PendingValue?> = []
    /// Commands in the slots that are held.
    private(set) var commandCount = 0

    init(after base: Slot) { self.base = base }

    var isEmpty: Bool { entries.isEmpty }

    /// The last slot that something is held for.
    var lastSlot: Slot { Slot(rawValue: base.rawValue + UInt64(entries.count)) }

    /// Slots from the first one not applied through the last one that something is held for.
    var slotCount: Int { entries.count }

    subscript(_ slot: Slot) -> PendingValue? {
        guard slot > base, slot.rawValue - base.rawValue <= UInt64(entries.count) else { return nil }
        return entries[Int(slot.rawValue - base.rawValue) - 1]
    }

    /// Calls `body` with the batches that are in memory, in the order of their slots.
    func forEachBatch(_ body: (ProposalBatch) -> Void) {
        for case let entry? in entries { if let batch = entry.batch { body(batch) } }
    }

    /// The first of those batches that a condition holds for.
    func firstBatch(where condition: (ProposalBatch) -> Bool) -> ProposalBatch? {
        for case let entry? in entries { if let batch = entry.batch, condition(batch) { return batch } }
        return nil
    }

    /// Holds a value in place of an older one of its slot.
    mutating func hold(_ value: PendingValue, in slot: Slot) {
        invariant(slot > base, "slot \(slot.rawValue) is applied")
        let index = Int(slot.rawValue - base.rawValue) - 1
        while entries.count <= index { entries.append(nil) }
        commandCount += Int(value.value.commandCount) - Int(entries[index]?.value.commandCount ?? 0)
        entries[index] = value
    }

    /// Notes where in the log the value of a slot stands.
    mutating func note(_ sequence: LogSequence, of slot: Slot) {
        guard slot > base, slot.rawValue - base.rawValue <= UInt64(entries.count) else { return }
        entries[Int(slot.rawValue - base.rawValue) - 1]?.sequence = sequence
    }

    /// The first slot is applied.
    mutating func removeFirst() {
        base = base.next
        guard let first = entries.popFirst() else { return }
        commandCount -= Int(first?.value.commandCount ?? 0)
    }

    /// Everything through a slot came from a snapshot.
    mutating func skip(through slot: Slot) {
        while base < slot, !entries.isEmpty { removeFirst() }
        base = max(base, slot)
    }
}
