internal import Consensus
internal import CoreTypes

/// Reads the fields that a message is made of, front to back; throws where they do not fit, whatever the bytes.
struct PeerFieldReader: ~Escapable {
    private var reader: ByteReader

    @_lifetime(copy span)
    init(_ span: RawSpan) { reader = ByteReader(span) }

    /// Bytes read so far.
    var offset: Int { reader.offset }
    /// Bytes not read yet.
    var remaining: Int { reader.remaining }

    @_lifetime(self: copy self)
    mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type = Value.self
    ) throws(PeerWireError) -> Value {
        do throws(ByteReader.EndOfBytes) {
            return try reader.integer(type)
        } catch {
            throw PeerWireError(.tooShort, offset: error.offset)
        }
    }

    @_lifetime(self: copy self)
    mutating func kind() throws(PeerWireError) -> PeerMessageKind {
        let byte = try integer(UInt8.self)
        guard let kind = PeerMessageKind(rawValue: byte) else { throw PeerWireError(.unknownKind(byte), offset: 0) }
        return kind
    }

    @_lifetime(self: copy self)
    mutating func flag() throws(PeerWireError) -> Bool {
        let byte = try integer(UInt8.self)
        guard byte <= 1 else { throw PeerWireError(.badFlag(byte), offset: offset - 1) }
        return byte == 1
    }

    @_lifetime(self: copy self)
    mutating func ballot() throws(PeerWireError) -> Ballot {
        let round = try integer(UInt64.self)
        return Ballot(round: round, replica: ReplicaID(rawValue: try integer()))
    }

    @_lifetime(self: copy self)
    mutating func slot() throws(PeerWireError) -> Slot { Slot(rawValue: try integer()) }

    /// A flag and a slot, which is none without the flag.
    @_lifetime(self: copy self)
    mutating func optionalSlot() throws(PeerWireError) -> Slot? {
        let isThere = try flag()
        let slot = try slot()
        guard isThere || slot == .none else { throw PeerWireError(.badFlag(0), offset: offset - 9) }
        return isThere ? slot : nil
    }

    /// Two slots, the second no lower than the first.
    @_lifetime(self: copy self)
    mutating func slots() throws(PeerWireError) -> SlotRange {
        let first = try slot()
        let last = try slot()
        guard first <= last else { throw PeerWireError(.slotOrder, offset: offset - 16) }
        return SlotRange(first: first, last: last)
    }

    @_lifetime(self: copy self)
    mutating func value() throws(PeerWireError) -> ValueDescriptor {
        let start = offset
        let checksum = try integer(UInt64.self)
        let byteCount = try integer(UInt32.self)
        let commandCount = try integer(UInt32.self)
        let kindByte = try integer(UInt8.self)
        guard let kind = ValueKind(rawValue: kindByte) else {
            throw PeerWireError(.unknownValueKind(kindByte), offset: start)
        }
        guard byteCount <= Limits.proposalByteCountMax else {
            throw PeerWireError(.countTooLarge(UInt64(byteCount)), offset: start)
        }
        guard kind != .noOp || byteCount == 0 else { throw PeerWireError(.noOpWithBytes, offset: start) }
        return ValueDescriptor(byteCount: byteCount, checksum: checksum, commandCount: commandCount, kind: kind)
    }

    /// A count of things, bounded.
    @_lifetime(self: copy self)
    mutating func count(max: Int) throws(PeerWireError) -> UInt32 {
        let count = try integer(UInt32.self)
        guard Int(count) <= max else { throw PeerWireError(.countTooLarge(UInt64(count)), offset: offset - 4) }
        return count
    }
}
