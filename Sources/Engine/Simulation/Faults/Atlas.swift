package import Consensus
package import CoreTypes

/// Knows what is damaged where, and lets only so much be damaged that the cluster can repair it.
///
/// A chosen value is durable at some quorum; which one nobody outside can say. So for every slot every quorum must keep
/// a replica whose copy is whole: fewer replicas than a quorum may be damaged at one slot. Those that are whole then
/// also meet every quorum, so that they can tell what was never chosen. A wiped replica has lost every slot and its
/// promises; it comes back by a decision of a full quorum that does not count it, so that a quorum must be left.
package struct Atlas: Sendable {
    /// Why a damage is denied.
    package enum Denial: Error, Hashable, Sendable {
        /// Some quorum would have no whole copy of this slot.
        case lastCopy(Slot)
        /// Too few would be left to take the wiped ones back.
        case noQuorum
        /// The replica is no voter: its copies count for nothing, and the atlas does not keep them.
        case unknownReplica
    }

    private struct Record: Sendable {
        var replica: ReplicaID
        /// By rising first slot; may overlap.
        var ranges: [SlotRange] = []
        var isWiped = false
    }

    /// By rising replica.
    private var records: [Record]
    package let quorumCount: Int
    package private(set) var grantedCount = 0
    package private(set) var deniedCount = 0

    /// Nothing is damaged.
    package init(voters: [ReplicaID]) {
        invariant(!voters.isEmpty, "a cluster without voters")
        records = voters.sorted().map { Record(replica: $0) }
        quorumCount = voters.count / 2 + 1
    }

    // MARK: Damage

    /// Grants a damage and remembers it, or says why it must not be.
    package mutating func grant(_ damage: Damage, to replica: ReplicaID) throws(Denial) {
        do throws(Denial) {
            try judge(damage, to: replica)
        } catch {
            deniedCount += 1
            throw error
        }
        grantedCount += 1
        guard let index = index(of: replica) else { return }
        switch damage {
        case .log, .store:
            records[index].ranges.append(Atlas.range(of: damage))
            records[index].ranges.sort { $0.first < $1.first }
        case .wiped:
            records[index].isWiped = true
            records[index].ranges = []
        }
    }

    private func judge(_ damage: Damage, to replica: ReplicaID) throws(Denial) {
        guard let index = index(of: replica) else { throw .unknownReplica }
        if damage == .wiped {
            let wipedCount = records.indices.count { $0 == index || records[$0].isWiped }
            if records.count - wipedCount < quorumCount { throw .noQuorum }
        }
        let range = Atlas.range(of: damage)
        // The number of the damaged rises only where a damage begins.
        var starts = [range.first]
        for other in records.indices where other != index {
            for start in records[other].ranges.map(\.first) where range.contains(start) { starts.append(start) }
        }
        for slot in starts.sorted() {
            let damagedCount = records.indices.count { $0 == index || isDamaged($0, at: slot) }
            if damagedCount >= quorumCount { throw .lastCopy(slot) }
        }
    }

    // MARK: Repair

    /// The replica has whole copies of these slots again.
    package mutating func repaired(_ slots: SlotRange, at replica: ReplicaID) {
        guard let index = index(of: replica) else { return }
        var left: [SlotRange] = []
        for range in records[index].ranges {
            if range.last < slots.first || slots.last < range.first {
                left.append(range)
                continue
            }
            if range.first < slots.first { left.append(SlotRange(first: range.first, last: slots.first.previous)) }
            if slots.last < range.last { left.append(SlotRange(first: slots.last.next, last: range.last)) }
        }
        records[index].ranges = left.sorted { $0.first < $1.first }
    }

    /// A wiped replica votes again, and has whole copies of all slots up to there but those damaged since.
    package mutating func readmitted(_ replica: ReplicaID) {
        guard let index = index(of: replica) else { return }
        records[index].isWiped = false
    }

    // MARK: Questions

    /// Voters whose copy of a slot is damaged.
    package func damagedCount(at slot: Slot) -> Int { records.indices.count { isDamaged($0, at: slot) } }

    private func isDamaged(_ index: Int, at slot: Slot) -> Bool {
        records[index].isWiped || records[index].ranges.contains { $0.contains(slot) }
    }

    private func index(of replica: ReplicaID) -> Int? { records.firstIndex { $0.replica == replica } }

    private static func range(of damage: Damage) -> SlotRange {
        switch damage {
        case .log(let range): range
        case .store(let last): SlotRange(first: Slot(rawValue: 1), last: last)
        case .wiped: SlotRange(first: Slot(rawValue: 1), last: Slot(rawValue: .max))
        }
    }
}
