import Consensus
import CoreTypes
import Simulation
import Testing

@Suite("Atlas")
struct AtlasTests {
    private func replica(_ number: UInt8) -> ReplicaID { ReplicaID(rawValue: number) }
    private func slots(_ first: UInt64, _ last: UInt64) -> SlotRange {
        SlotRange(first: Slot(rawValue: first), last: Slot(rawValue: last))
    }

    private func denial(_ atlas: inout Atlas, _ damage: Damage, _ number: UInt8) -> Atlas.Denial? {
        do throws(Atlas.Denial) {
            try atlas.grant(damage, to: replica(number))
            return nil
        } catch {
            return error
        }
    }

    @Test("of three replicas one may be damaged at each slot, and different ones at different slots")
    func three() {
        var atlas = Atlas(voters: [replica(1), replica(2), replica(3)])
        #expect(denial(&atlas, .log(slots(5, 9)), 1) == nil)
        #expect(denial(&atlas, .log(slots(1, 4)), 2) == nil)
        #expect(denial(&atlas, .log(slots(7, 8)), 1) == nil)
        #expect(denial(&atlas, .log(slots(8, 20)), 3) == .lastCopy(Slot(rawValue: 8)))
        #expect(denial(&atlas, .log(slots(10, 20)), 3) == nil)
        #expect(denial(&atlas, .store(through: Slot(rawValue: 2)), 3) == .lastCopy(Slot(rawValue: 1)))
        #expect(atlas.grantedCount == 4 && atlas.deniedCount == 2)
        #expect(atlas.damagedCount(at: Slot(rawValue: 7)) == 1)
    }

    @Test("a damage that begins inside a wider one is seen, where it begins")
    func inside() {
        var atlas = Atlas(voters: (1...5).map { replica($0) })
        #expect(denial(&atlas, .log(slots(1, 100)), 1) == nil)
        #expect(denial(&atlas, .log(slots(50, 60)), 2) == nil)
        #expect(denial(&atlas, .log(slots(40, 70)), 3) == .lastCopy(Slot(rawValue: 50)))
    }

    @Test("a wiped replica counts at every slot, and a quorum must be left to take it back")
    func wiped() {
        var atlas = Atlas(voters: [replica(1), replica(2), replica(3)])
        #expect(denial(&atlas, .wiped, 1) == nil)
        #expect(denial(&atlas, .wiped, 2) == .noQuorum)
        #expect(denial(&atlas, .log(slots(1_000, 1_000)), 2) == .lastCopy(Slot(rawValue: 1_000)))
        #expect(denial(&atlas, .log(slots(1, 1)), 1) == nil)
        atlas.readmitted(replica(1))
        #expect(denial(&atlas, .log(slots(1_000, 1_000)), 2) == nil)
        #expect(denial(&atlas, .wiped, 1) == .lastCopy(Slot(rawValue: 1_000)))

        var four = Atlas(voters: (1...4).map { replica($0) })
        #expect(denial(&four, .wiped, 1) == nil)
        #expect(denial(&four, .wiped, 2) == .noQuorum)
    }

    @Test("what was repaired may be damaged elsewhere; a repair in the middle leaves both sides")
    func repaired() {
        var atlas = Atlas(voters: [replica(1), replica(2), replica(3)])
        #expect(denial(&atlas, .log(slots(1, 10)), 1) == nil)
        atlas.repaired(slots(4, 6), at: replica(1))
        #expect(denial(&atlas, .log(slots(4, 6)), 2) == nil)
        #expect(denial(&atlas, .log(slots(3, 3)), 2) == .lastCopy(Slot(rawValue: 3)))
        #expect(denial(&atlas, .log(slots(7, 7)), 2) == .lastCopy(Slot(rawValue: 7)))
    }

    @Test("alone, or not voting, nothing may be damaged")
    func alone() {
        var atlas = Atlas(voters: [replica(1)])
        #expect(denial(&atlas, .log(slots(1, 1)), 1) == .lastCopy(Slot(rawValue: 1)))
        #expect(denial(&atlas, .wiped, 2) == .unknownReplica)
    }

    @Test("whatever is granted, every quorum keeps a whole copy of every slot")
    func everyQuorum() {
        for seed in 0..<50 as Range<UInt64> {
            var generator = SplitMix64(seed: seed)
            let count = 3 + Int(generator.next() % 3)
            var atlas = Atlas(voters: (1...UInt8(count)).map { replica($0) })
            // By replica, the damaged slots of 1 to 20: kept apart from the atlas.
            var damaged = Array(repeating: Array(repeating: false, count: 21), count: count)
            for _ in 0..<60 {
                let index = Int(generator.next() % UInt64(count))
                let first = 1 + generator.next() % 20
                let last = min(20, first + generator.next() % 6)
                let isRepair = generator.next() % 4 == 0
                if isRepair {
                    atlas.repaired(slots(first, last), at: replica(UInt8(index + 1)))
                } else if denial(&atlas, .log(slots(first, last)), UInt8(index + 1)) != nil {
                    let isTooMuch = (first...last).contains { slot in
                        damaged.indices.count { $0 == index || damaged[$0][Int(slot)] } >= atlas.quorumCount
                    }
                    #expect(isTooMuch)
                    continue
                }
                for slot in first...last { damaged[index][Int(slot)] = !isRepair }
                for slot in 1...20 {
                    let whole = damaged.indices.count { !damaged[$0][slot] }
                    #expect(whole + atlas.quorumCount > count)
                }
            }
        }
    }
}
