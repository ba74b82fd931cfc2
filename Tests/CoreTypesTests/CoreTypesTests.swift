import Testing

@testable import CoreTypes

@Suite("Core types")
struct CoreTypesTests {
    @Test("ballots are ordered by round, then by replica")
    func ballotOrder() {
        let one = ReplicaID(rawValue: 1)
        let two = ReplicaID(rawValue: 2)
        #expect(Ballot(round: 1, replica: two) < Ballot(round: 2, replica: one))
        #expect(Ballot(round: 2, replica: one) < Ballot(round: 2, replica: two))
        #expect(Ballot.none < Ballot(round: 0, replica: one))
        #expect(!(Ballot(round: 2, replica: one) < Ballot(round: 2, replica: one)))
    }

    @Test("an identifier is read back from its description, and from nothing else")
    func identifierText() {
        var generator = SplitMix64(seed: 5)
        for _ in 0..<100 {
            let identifier = Identifier128(using: &generator)
            #expect(Identifier128(identifier.description) == identifier)
        }
        #expect(Identifier128(Identifier128(high: 0, low: 1).description) == Identifier128(high: 0, low: 1))
        for text in ["", "0", String(repeating: "g", count: 32), "+" + String(repeating: "0", count: 31)] {
            #expect(Identifier128(text) == nil, "\(text)")
        }
    }

    @Test("the slot before the first is none, and none precedes itself")
    func slots() {
        #expect(Slot(rawValue: 1).previous == .none)
        #expect(Slot.none.previous == .none)
        #expect(Slot.none.next == Slot(rawValue: 1))
    }

    @Test("the seeded generator gives the published numbers")
    func splitMix() {
        // The reference implementation's first outputs for seed 1234567.
        var generator = SplitMix64(seed: 1_234_567)
        #expect(generator.next() == 6_457_827_717_110_365_317)
        #expect(generator.next() == 3_203_168_211_198_807_973)
        #expect(generator.next() == 9_817_491_932_198_370_423)
    }
}
