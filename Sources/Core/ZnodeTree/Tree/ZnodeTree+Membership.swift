package import CoreTypes

/// Who the replicas are, as replicated state (`design.md` D9): bytes that only the layer above understands.
extension ZnodeTree {
    /// The newest membership and the one before it; nil as long as the founding one was never changed.
    package var membership: MembershipRow? { storedMembership }

    /// The first slot that the newest membership governs; `none` for the founding one.
    package var membershipFirstSlot: Slot { storedMembership?.firstSlot ?? .none }

    /// Schedules another membership.
    ///
    /// Void unless the newest one is still that for which the command was made, and governs this slot: so there is never
    /// more than one change ahead, and a command that comes twice takes effect once.
    func changeMembership(_ body: RawSpan) {
        let slot = meta.appliedSlot.next
        guard let change = try? ChangeMembershipBody(body), change.expectedFirstSlot == membershipFirstSlot,
            slot >= membershipFirstSlot
        else { return }
        let former = storedMembership
        put(
            MembershipRow(
                previousFirstSlot: former?.firstSlot ?? Slot(rawValue: 1), previous: former?.newest ?? change.present,
                firstSlot: Slot(rawValue: slot.rawValue &+ UInt64(change.delaySlotCount)), newest: change.changed))
    }

    private func put(_ row: MembershipRow) {
        let payload = ByteBuilder(capacity: 256)
        row.encode(into: payload)
        let key = SystemKey.membership
        let checksum = unsafe putSystemRow(key.span.bytes, payload: payload.bytes)
        meta.digest.sessions &+= checksum &- membershipChecksum
        meta.hasMembership = true
        membershipChecksum = checksum
        storedMembership = row
    }

    /// Reads the row of a base, which needs none.
    func loadMembership() throws(StorageFault) {
        try forEachRow(SystemKey.membership) { [self] (key, value, payload) throws(StorageFault) in
            guard key.byteCount == 1, let row = MembershipRow(payload: payload) else {
                throw StorageFault.systemRow("not a membership", key: key)
            }
            membershipChecksum = SystemRow.checksum(of: value)
            storedMembership = row
        }
        guard meta.hasMembership == (storedMembership != nil) else {
            throw StorageFault(
                "the row of the membership \(meta.hasMembership ? "is missing" : "does not belong to the checkpoint")",
                at: "the store's system rows",
                remedy: "rebuild the store from the newest snapshot and the log: aviaryctl rebuild")
        }
    }
}
