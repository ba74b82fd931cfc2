package import CoreTypes
internal import ZooKeeperWire

/// The newest membership and the one before it, each with the first slot that it governs: replicated state, of which the
/// tree knows the slots only. There is no row before the first change.
///
/// Invariant: `previousFirstSlot` is below `firstSlot`.
package struct MembershipRow: Equatable, Sendable {
    package var previousFirstSlot: Slot
    package var previous: [UInt8]
    /// The slot from which `newest` is in force; it may lie ahead of what is applied.
    package var firstSlot: Slot
    package var newest: [UInt8]

    package init(previousFirstSlot: Slot, previous: [UInt8], firstSlot: Slot, newest: [UInt8]) {
        self.previousFirstSlot = previousFirstSlot
        self.previous = previous
        self.firstSlot = firstSlot
        self.newest = newest
    }

    /// Appends the payload of the row.
    func encode(into builder: ByteBuilder) {
        builder.append(littleEndian: previousFirstSlot.rawValue)
        builder.append(littleEndian: firstSlot.rawValue)
        builder.append(littleEndian: UInt32(previous.count))
        builder.append(littleEndian: UInt32(newest.count))
        unsafe builder.append(previous.span.bytes)
        unsafe builder.append(newest.span.bytes)
    }

    /// Reads the payload of a row; nil unless it is one.
    init?(payload: RawSpan) {
        var reader = ByteReader(payload)
        do throws(ByteReader.EndOfBytes) {
            previousFirstSlot = Slot(rawValue: try reader.integer())
            firstSlot = Slot(rawValue: try reader.integer())
            let previousCount = Int(try reader.integer(UInt32.self))
            let newestCount = Int(try reader.integer(UInt32.self))
            previous = [UInt8](copying: try reader.bytes(previousCount))
            newest = [UInt8](copying: try reader.bytes(newestCount))
        } catch {
            return nil
        }
        guard reader.remaining == 0, previousFirstSlot < firstSlot else { return nil }
    }
}
