package import CoreTypes

/// Sees what every life of every replica applies, and holds them to one another: one value in a slot for ever, one
/// state after it, nothing lost that was acknowledged.
///
/// Fed as the cluster runs. About 50 bytes a slot.
package struct SlotAgreement: Sendable {
    private struct Value: Sendable {
        /// Nil until somebody applied it.
        var checksum: UInt64?
        /// The last zxid given out when it had been applied.
        var lastZxid: Zxid = .zero
        /// Who was the first to apply it.
        var replica = ReplicaID.none
    }

    private struct State: Sendable {
        var digest: UInt64
        var replica: ReplicaID
    }

    /// A run of a replica from its start to its end.
    private struct Life: Sendable {
        var replica: ReplicaID
        var applied: Slot
    }

    /// By slot; the first is slot 0, which has none.
    private var values: [Value] = [Value()]
    private var states = HashTable<Slot, State>()
    /// One for each replica that runs, by rising replica.
    private var lives: [Life] = []
    private var acknowledged: Zxid = .zero

    package init() {}

    /// Slots that somebody applied, from 1 on; there may be holes among them.
    package var highestSlot: Slot { Slot(rawValue: UInt64(values.count - 1)) }

    // MARK: What replicas do

    /// A replica starts from a checkpoint, or goes on from a snapshot, that stands for `slot`.
    package mutating func started(_ replica: ReplicaID, from slot: Slot) {
        lives.removeAll { $0.replica == replica }
        lives.append(Life(replica: replica, applied: slot))
        lives.sort { $0.replica < $1.replica }
    }

    /// A replica ends, in whatever way.
    package mutating func stopped(_ replica: ReplicaID) { lives.removeAll { $0.replica == replica } }

    /// A replica applied a slot.
    ///
    /// - Parameters:
    ///   - checksum: of the slot's value.
    ///   - lastZxid: the last zxid that the state machine has given out.
    /// - Throws: `slotOrder`, `oneValue`, `oneState`.
    package mutating func applied(
        _ slot: Slot, checksum: UInt64, lastZxid: Zxid, by replica: ReplicaID
    ) throws(Violation) {
        guard let life = lives.firstIndex(where: { $0.replica == replica }), lives[life].applied.next == slot else {
            let known = lives.first { $0.replica == replica }.map { "stands at slot \($0.applied.rawValue)" }
            throw Violation(
                .slotOrder,
                "replica \(replica.rawValue) \(known ?? "does not run") and applies slot \(slot.rawValue)")
        }
        lives[life].applied = slot
        let index = Int(slot.rawValue)
        while values.count <= index { values.append(Value()) }
        let known = values[index]
        guard let knownChecksum = known.checksum else {
            values[index] = Value(checksum: checksum, lastZxid: lastZxid, replica: replica)
            return
        }
        let text = "slot \(slot.rawValue): replica \(known.replica.rawValue) applied"
        if knownChecksum != checksum {
            throw Violation(
                .oneValue, "\(text) value \(knownChecksum), replica \(replica.rawValue) value \(checksum)")
        }
        if known.lastZxid != lastZxid {
            throw Violation(
                .oneState,
                "\(text) it up to zxid \(known.lastZxid.rawValue), replica \(replica.rawValue) up to zxid "
                    + "\(lastZxid.rawValue)")
        }
    }

    /// The digest of a replica's state after a slot: of tree and sessions.
    ///
    /// - Throws: `oneState`.
    package mutating func digested(_ slot: Slot, _ digest: UInt64, by replica: ReplicaID) throws(Violation) {
        let hash = mixedBits(slot.rawValue)
        guard let known = states.value(hash: hash, matches: { $0 == slot }) else {
            states.insert(hash: hash, key: slot, value: State(digest: digest, replica: replica))
            return
        }
        if known.digest != digest {
            throw Violation(
                .oneState,
                "slot \(slot.rawValue): replica \(known.replica.rawValue) has digest \(known.digest), replica "
                    + "\(replica.rawValue) has \(digest)")
        }
    }

    /// A client was answered, with this zxid.
    package mutating func acknowledge(_ zxid: Zxid) { acknowledged = max(acknowledged, zxid) }

    // MARK: The end

    /// The cluster has converged: every replica that runs stands at the same slot, and has what was acknowledged.
    ///
    /// What is in a slot was compared as it was applied, and zxids are given out in slot order: a replica has a command
    /// if it stands at the command's slot or a later one.
    ///
    /// - Throws: `slotOrder`, `acknowledgedStays`.
    package func finish() throws(Violation) {
        guard let first = lives.first else { throw Violation(.acknowledgedStays, "no replica runs") }
        for life in lives where life.applied != first.applied {
            throw Violation(
                .slotOrder,
                "replica \(first.replica.rawValue) ends at slot \(first.applied.rawValue), replica "
                    + "\(life.replica.rawValue) at slot \(life.applied.rawValue)")
        }
        let index = Int(first.applied.rawValue)
        let last = index < values.count ? values[index].lastZxid : .zero
        if last < acknowledged {
            throw Violation(
                .acknowledgedStays,
                "zxid \(acknowledged.rawValue) was acknowledged, and all end at slot \(index) with zxid "
                    + "\(last.rawValue)")
        }
        try checkRising(through: index)
    }

    /// Zxids must not go back from slot to slot.
    private func checkRising(through last: Int) throws(Violation) {
        var highest = Zxid.zero
        for index in 0...min(last, values.count - 1) where values[index].checksum != nil {
            if values[index].lastZxid < highest {
                throw Violation(
                    .acknowledgedStays,
                    "after slot \(index) the last zxid is \(values[index].lastZxid.rawValue), and was "
                        + "\(highest.rawValue) before")
            }
            highest = values[index].lastZxid
        }
    }
}
