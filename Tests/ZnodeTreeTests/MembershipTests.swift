import CoreTypes
import Testing
import ZooKeeperWire

@testable import ZnodeTree

@Suite("The membership as replicated state")
struct MembershipTests {
    private func change(
        _ driver: TreeDriver, expecting slot: UInt64, delay: UInt32 = 4, _ present: [UInt8], _ changed: [UInt8]
    ) throws(StorageFault) {
        let body = ByteBuilder()
        ChangeMembershipBody(
            expectedFirstSlot: Slot(rawValue: slot), delaySlotCount: delay, present: present, changed: changed
        ).append(to: body)
        try driver.apply(CommandHeader(.changeMembership), body: body)
    }

    private func checkpoint(_ driver: TreeDriver) throws(StorageFault) {
        driver.base.writeCheckpoint(driver.tree.freeze())
        try driver.tree.dropFrozen()
    }

    @Test("a change is in force after its delay, takes no zxid, and none is made while another is ahead")
    func changes() throws {
        let driver = try TreeDriver()
        try driver.open()
        #expect(driver.tree.membership == nil && driver.tree.membershipFirstSlot == .none)
        let zxid = driver.tree.lastZxid
        try change(driver, expecting: 0, [1], [2, 2])
        let first = MembershipRow(
            previousFirstSlot: Slot(rawValue: 1), previous: [1], firstSlot: Slot(rawValue: 6), newest: [2, 2])
        #expect(driver.tree.membership == first)
        #expect(driver.tree.lastZxid == zxid && driver.output.results.isEmpty)
        // Slots 3 and 4: the first for what is not the newest any more, the second too early.
        try change(driver, expecting: 0, [1], [3])
        try change(driver, expecting: 6, [2, 2], [3])
        #expect(driver.tree.membership == first)
        try driver.apply(CommandHeader(.noOp), body: ByteBuilder())
        #expect(driver.tree.appliedSlot.rawValue == 5)
        try change(driver, expecting: 6, [9], [3])
        #expect(
            driver.tree.membership
                == MembershipRow(
                    previousFirstSlot: Slot(rawValue: 6), previous: [2, 2], firstSlot: Slot(rawValue: 10), newest: [3]))
    }

    @Test("a body that is cut, too long or empty of a membership is void")
    func malformed() throws {
        let driver = try TreeDriver()
        let body = ByteBuilder()
        ChangeMembershipBody(expectedFirstSlot: .none, delaySlotCount: 4, present: [1], changed: [2]).append(to: body)
        let whole = [UInt8](copying: body.bytes)
        #expect(whole == [0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 2])
        for bytes in whole.indices.map({ Array(whole[..<$0]) }) + [whole + [0]] {
            body.removeAll()
            body.append(bytes.span.bytes)
            try driver.apply(CommandHeader(.changeMembership), body: body)
        }
        try change(driver, expecting: 0, delay: 0, [1], [2])
        try change(driver, expecting: 0, [], [2])
        try change(driver, expecting: 0, [1], [])
        try change(driver, expecting: 0, [1], [UInt8](repeating: 2, count: Limits.membershipByteCountMax + 1))
        #expect(driver.tree.membership == nil)
        try change(driver, expecting: 0, [1], [UInt8](repeating: 2, count: Limits.membershipByteCountMax))
        #expect(driver.tree.membership?.newest.count == Limits.membershipByteCountMax)
    }

    @Test("it is part of checkpoint and digest, and a base from which its row is gone is refused")
    func persistence() throws {
        let driver = try TreeDriver()
        try driver.open()
        try checkpoint(driver)
        let before = driver.tree.digest()
        try change(driver, expecting: 0, [1], [2])
        let after = driver.tree.digest()
        #expect(after.sessions != before.sessions && after.znodes == before.znodes)
        let old = driver.base.copy()
        try checkpoint(driver)
        let again = try TreeDriver(base: driver.base.copy())
        #expect(again.tree.membership == driver.tree.membership)
        #expect(again.tree.digest() == after)
        #expect(try TreeDriver(base: old).tree.membership == nil)
        // A second change replaces the row, and the first one's part of the digest.
        for other in [driver, again] {
            while other.tree.appliedSlot < other.tree.membershipFirstSlot {
                try other.apply(CommandHeader(.noOp), body: ByteBuilder())
            }
            try change(other, expecting: other.tree.membershipFirstSlot.rawValue, [2], [3])
        }
        #expect(driver.tree.digest() == again.tree.digest())
        try checkpoint(again)
        let third = try TreeDriver(base: again.base)
        #expect(third.tree.digest() == driver.tree.digest() && third.tree.membership?.newest == [3])
        driver.base.removeSystemRow(SystemKey.membership)
        #expect(throws: StorageFault.self) { try TreeDriver(base: driver.base) }
    }

    @Test("its row has these bytes")
    func golden() throws {
        let row = MembershipRow(
            previousFirstSlot: Slot(rawValue: 1), previous: [7, 8], firstSlot: Slot(rawValue: 258), newest: [9])
        let payload = bytes { row.encode(into: $0) }
        let golden = try goldenRecords("rows.txt")
        #expect(SystemKey.membership.hexadecimal == golden["membership.key"])
        #expect(payload.hexadecimal == golden["membership.payload"])
        let decoded = MembershipRow(payload: payload.span.bytes)
        #expect(decoded == row)
        for count in payload.indices {
            let short = MembershipRow(payload: Array(payload[..<count]).span.bytes)
            #expect(short == nil)
        }
        let long = MembershipRow(payload: (payload + [0]).span.bytes)
        #expect(long == nil)
    }
}
