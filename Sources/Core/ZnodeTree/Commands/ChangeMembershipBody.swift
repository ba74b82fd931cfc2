package import CoreTypes
internal import ZooKeeperWire

/// The body of a `changeMembership` command. What a membership is, the tree does not know: it keeps the bytes.
///
/// ```
/// 0  u64 first slot of the newest membership that the leader knew; 0 for the founding one
/// 8  u32 delay                   slots from the command's to the first one of the new membership
/// 12 u32 bytes of the present membership
/// 16 u32 bytes of the new membership
/// 20 the present one, then the new one
/// ```
package struct ChangeMembershipBody: Equatable, Sendable {
    package var expectedFirstSlot: Slot
    package var delaySlotCount: UInt32
    package var present: [UInt8]
    package var changed: [UInt8]

    package init(expectedFirstSlot: Slot, delaySlotCount: UInt32, present: [UInt8], changed: [UInt8]) {
        self.expectedFirstSlot = expectedFirstSlot
        self.delaySlotCount = delaySlotCount
        self.present = present
        self.changed = changed
    }

    package func append(to bytes: ByteBuilder) {
        bytes.append(littleEndian: expectedFirstSlot.rawValue)
        bytes.append(littleEndian: delaySlotCount)
        bytes.append(littleEndian: UInt32(present.count))
        bytes.append(littleEndian: UInt32(changed.count))
        unsafe bytes.append(present.span.bytes)
        unsafe bytes.append(changed.span.bytes)
    }

    /// - Throws: also for a membership of no bytes, or of more than `Limits.membershipByteCountMax`.
    package init(_ body: RawSpan) throws(CommandError) {
        var reader = ByteReader(body)
        do throws(ByteReader.EndOfBytes) {
            expectedFirstSlot = Slot(rawValue: try reader.integer())
            delaySlotCount = try reader.integer()
            let presentCount = Int(try reader.integer(UInt32.self))
            let changedCount = Int(try reader.integer(UInt32.self))
            present = [UInt8](copying: try reader.bytes(presentCount))
            changed = [UInt8](copying: try reader.bytes(changedCount))
        } catch {
            throw CommandError(.body, offset: error.offset)
        }
        let allowed = 1...Limits.membershipByteCountMax
        guard reader.remaining == 0, delaySlotCount > 0, allowed.contains(present.count),
            allowed.contains(changed.count)
        else { throw CommandError(.body, offset: reader.offset) }
    }
}
