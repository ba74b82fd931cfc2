internal import CoreTypes
internal import PosixIO

/// The payload of a state record: what the first group of a segment restates beyond its header.
///
/// u64 lowest, u64 highest slot of the segment before | u32 membership byte count | membership
/// | u64 base slot (0: no base) | u32 description byte count | description
struct StateRecord: Equatable, Sendable {
    /// The proposals of the segment before this one; lowest above highest if it has none.
    var previousLowestSlot: Slot
    var previousHighestSlot: Slot
    var membership: [UInt8]
    var base: LogBase?

    func encode(into builder: ByteBuilder) {
        builder.append(littleEndian: previousLowestSlot.rawValue)
        builder.append(littleEndian: previousHighestSlot.rawValue)
        builder.append(littleEndian: UInt32(membership.count))
        builder.append(unsafe membership.span.bytes)
        builder.append(littleEndian: base?.slot.rawValue ?? 0)
        let description = base?.description ?? []
        builder.append(littleEndian: UInt32(description.count))
        builder.append(unsafe description.span.bytes)
    }

    init(previousLowestSlot: Slot, previousHighestSlot: Slot, membership: [UInt8], base: LogBase?) {
        self.previousLowestSlot = previousLowestSlot
        self.previousHighestSlot = previousHighestSlot
        self.membership = membership
        self.base = base
    }

    /// Reads it from any bytes; nil if they are none.
    init?(decoding bytes: RawSpan) {
        var reader = ByteReader(bytes)
        do throws(ByteReader.EndOfBytes) {
            previousLowestSlot = Slot(rawValue: try reader.integer())
            previousHighestSlot = Slot(rawValue: try reader.integer())
            let membershipCount: UInt32 = try reader.integer()
            membership = [UInt8](copying: try reader.bytes(Int(membershipCount)))
            let slot: UInt64 = try reader.integer()
            let descriptionCount: UInt32 = try reader.integer()
            let description = [UInt8](copying: try reader.bytes(Int(descriptionCount)))
            base = slot == 0 ? nil : LogBase(slot: Slot(rawValue: slot), description: description)
        } catch {
            return nil
        }
        guard reader.remaining == 0 else { return nil }
    }
}

extension [UInt8] {
    /// A copy of a span's bytes.
    init(copying span: RawSpan) {
        self = unsafe span.withUnsafeBytes { unsafe [UInt8]($0) }
    }
}
