import CoreTypes

/// One znode read from the base, with copies of its bytes; made to be read into again and again.
///
/// Not safe across threads: whoever holds it owns it.
package final class ZnodeBuffer {
    package var node: Znode = .empty

    /// The checksum of the row that was read: its summand in the tree's digest.
    package var rowChecksum: UInt64 = 0

    /// `hash64` of the data when it is large; else 0.
    package var dataHash: UInt64 = 0

    /// Whether the data is large and was not read along: `data` is empty then.
    package var isDataLeftOut = false

    private let bytes = ByteBuilder(capacity: 2_048)
    private var longNameRange = 0..<0
    private var accessListRange = 0..<0
    private var dataRange = 0..<0

    package init() {}

    /// The name in full if it is too long for a key, else empty.
    package var longName: RawSpan {
        @_lifetime(borrow self)
        get { bytes.bytes(longNameRange, ownedBy: self) }
    }

    /// The encoded `vector<ACL>`; empty for "anybody may do everything".
    package var accessList: RawSpan {
        @_lifetime(borrow self)
        get { bytes.bytes(accessListRange, ownedBy: self) }
    }

    /// The data; empty too when it is null (`node.dataByteCount` is -1) or was left out.
    package var data: RawSpan {
        @_lifetime(borrow self)
        get { bytes.bytes(dataRange, ownedBy: self) }
    }

    /// Makes it an empty buffer again; keeps the memory.
    package func removeAll() {
        bytes.removeAll()
        longNameRange = 0..<0
        accessListRange = 0..<0
        dataRange = 0..<0
        isDataLeftOut = false
        rowChecksum = 0
        dataHash = 0
        node = .empty
    }

    package func setLongName(_ name: RawSpan) { longNameRange = copy(name) }

    package func setAccessList(_ list: RawSpan) { accessListRange = copy(list) }

    /// Takes the whole data, and forgets that it was left out.
    package func setData(_ data: RawSpan) {
        dataRange = copy(data)
        isDataLeftOut = false
    }

    /// Begins large data that comes in pieces, each given to `appendData`.
    package func beginData() { dataRange = bytes.count..<bytes.count }

    /// Takes the next piece of large data; nothing else may be set in between.
    package func appendData(_ piece: RawSpan) {
        bytes.append(piece)
        dataRange = dataRange.lowerBound..<bytes.count
        isDataLeftOut = false
    }

    private func copy(_ span: RawSpan) -> Range<Int> {
        let start = bytes.count
        bytes.append(span)
        return start..<bytes.count
    }
}
