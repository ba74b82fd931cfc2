import CoreTypes

/// One znode read from the base, with copies of its bytes; made to be read into again and again.
///
/// Not safe across threads: whoever holds it owns it.
package final class ZnodeBuffer {
    private struct Fields {
        var node = Znode.empty
        var rowChecksum: UInt64 = 0
        var dataHash: UInt64 = 0
        var isDataLeftOut = false
        var longNameRange = 0..<0
        var accessListRange = 0..<0
        var dataRange = 0..<0
    }

    // Whoever holds a buffer owns it: checking each access at run time for overlaps only costs (6 % of a read).
    @exclusivity(unchecked) private var uncheckedFields = Fields()
    private let bytes = ByteBuilder(capacity: 2_048)

    private var fields: Fields {
        get { unsafe uncheckedFields }
        _modify { yield unsafe &uncheckedFields }
    }

    package var node: Znode {
        get { fields.node }
        _modify { yield &fields.node }
    }

    /// The checksum of the row that was read: its summand in the tree's digest.
    package var rowChecksum: UInt64 {
        get { fields.rowChecksum }
        set { fields.rowChecksum = newValue }
    }

    /// `hash64` of the data when it is large; else 0.
    package var dataHash: UInt64 {
        get { fields.dataHash }
        set { fields.dataHash = newValue }
    }

    /// Whether the data is large and was not read along: `data` is empty then.
    package var isDataLeftOut: Bool {
        get { fields.isDataLeftOut }
        set { fields.isDataLeftOut = newValue }
    }

    package init() {}

    /// The name in full if it is too long for a key, else empty.
    package var longName: RawSpan {
        @_lifetime(borrow self)
        get { bytes.bytes(fields.longNameRange, ownedBy: self) }
    }

    /// The encoded `vector<ACL>`; empty for "anybody may do everything".
    package var accessList: RawSpan {
        @_lifetime(borrow self)
        get { bytes.bytes(fields.accessListRange, ownedBy: self) }
    }

    /// The data; empty too when it is null (`node.dataByteCount` is -1) or was left out.
    package var data: RawSpan {
        @_lifetime(borrow self)
        get { bytes.bytes(fields.dataRange, ownedBy: self) }
    }

    /// Makes it an empty buffer again; keeps the memory.
    package func removeAll() {
        bytes.removeAll()
        fields = Fields()
    }

    package func setLongName(_ name: RawSpan) { fields.longNameRange = copy(name) }

    package func setAccessList(_ list: RawSpan) { fields.accessListRange = copy(list) }

    /// Takes the whole data, and forgets that it was left out.
    package func setData(_ data: RawSpan) {
        fields.dataRange = copy(data)
        isDataLeftOut = false
    }

    /// Begins large data that comes in pieces, each given to `appendData`.
    package func beginData() { fields.dataRange = bytes.count..<bytes.count }

    /// Takes the next piece of large data; nothing else may be set in between.
    package func appendData(_ piece: RawSpan) {
        bytes.append(piece)
        fields.dataRange = fields.dataRange.lowerBound..<bytes.count
        isDataLeftOut = false
    }

    private func copy(_ span: RawSpan) -> Range<Int> {
        let start = bytes.count
        bytes.append(span)
        return start..<bytes.count
    }
}
