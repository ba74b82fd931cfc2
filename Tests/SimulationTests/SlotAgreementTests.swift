import CoreTypes
import Simulation
import Testing

@Suite("SlotAgreement")
struct SlotAgreementTests {
    private let one = ReplicaID(rawValue: 1)
    private let two = ReplicaID(rawValue: 2)

    private func slot(_ number: UInt64) -> Slot { Slot(rawValue: number) }
    private func zxid(_ number: UInt64) -> Zxid { Zxid(rawValue: number) }

    /// Two replicas with slots 1 to 3 and zxids 1 to 6.
    private func agreed() throws -> SlotAgreement {
        var agreement = SlotAgreement()
        for replica in [one, two] {
            agreement.started(replica, from: .none)
            for number in 1...3 as ClosedRange<UInt64> {
                try agreement.applied(slot(number), checksum: number * 10, lastZxid: zxid(number * 2), by: replica)
                try agreement.digested(slot(number), number * 100, by: replica)
            }
        }
        agreement.acknowledge(zxid(6))
        return agreement
    }

    @Test("replicas that agree, restart and come from a snapshot")
    func right() throws {
        var agreement = try agreed()
        agreement.stopped(one)
        agreement.started(one, from: slot(1))
        try agreement.applied(slot(2), checksum: 20, lastZxid: zxid(4), by: one)
        agreement.started(one, from: slot(3))
        try agreement.finish()
        #expect(agreement.highestSlot == slot(3))
    }

    @Test("another value in a slot, even after a restart")
    func otherValue() throws {
        var agreement = try agreed()
        agreement.started(one, from: slot(1))
        let rule = broken { () throws(Violation) in
            try agreement.applied(slot(2), checksum: 21, lastZxid: zxid(4), by: one)
        }
        #expect(rule == .oneValue)
    }

    @Test("another state after a slot: by zxid, or by digest")
    func otherState() throws {
        var agreement = try agreed()
        agreement.started(one, from: slot(1))
        let byZxid = broken { () throws(Violation) in
            try agreement.applied(slot(2), checksum: 20, lastZxid: zxid(5), by: one)
        }
        let byDigest = broken { () throws(Violation) in try agreement.digested(slot(2), 201, by: one) }
        #expect(byZxid == .oneState)
        #expect(byDigest == .oneState)
    }

    @Test("a slot that is left out, applied twice, or applied by who does not run")
    func order() throws {
        for (start, next) in [(1, 3), (2, 2), (nil, 1)] as [(UInt64?, UInt64)] {
            var agreement = try agreed()
            agreement.stopped(one)
            if let start { agreement.started(one, from: slot(start)) }
            let rule = broken { () throws(Violation) in
                try agreement.applied(slot(next), checksum: next * 10, lastZxid: zxid(next * 2), by: one)
            }
            #expect(rule == .slotOrder)
        }
    }

    @Test("an end at different slots")
    func unequalEnd() throws {
        var agreement = try agreed()
        agreement.started(one, from: slot(2))
        let rule = broken { () throws(Violation) in try agreement.finish() }
        #expect(rule == .slotOrder)
    }

    @Test("what was acknowledged is lost")
    func lost() throws {
        var agreement = try agreed()
        agreement.acknowledge(zxid(7))
        let rule = broken { () throws(Violation) in try agreement.finish() }
        #expect(rule == .acknowledgedStays)
    }

    @Test("zxids that go back from slot to slot")
    func zxidsGoBack() throws {
        var agreement = try agreed()
        try agreement.applied(slot(4), checksum: 40, lastZxid: zxid(5), by: one)
        try agreement.applied(slot(4), checksum: 40, lastZxid: zxid(5), by: two)
        try agreement.applied(slot(5), checksum: 50, lastZxid: zxid(9), by: one)
        try agreement.applied(slot(5), checksum: 50, lastZxid: zxid(9), by: two)
        let rule = broken { () throws(Violation) in try agreement.finish() }
        #expect(rule == .acknowledgedStays)
    }
}
