/// Reads the fields of a row; throws where they do not fit, whatever the bytes.
struct RowReader: ~Escapable {
    private let span: RawSpan
    private(set) var offset: Int

    @_lifetime(copy span)
    init(_ span: RawSpan, from offset: Int = 0) {
        self.span = span
        self.offset = offset
    }

    var remaining: Int { span.byteCount - offset }

    @_lifetime(self: copy self)
    mutating func byte() throws(RowError) -> UInt8 {
        guard remaining >= 1 else { throw RowError(.byteCount) }
        let value = unsafe span.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
        offset += 1
        return value
    }

    @_lifetime(self: copy self)
    mutating func fixed() throws(RowError) -> UInt64 {
        guard remaining >= 8 else { throw RowError(.byteCount) }
        let value = unsafe span.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self)
        offset += 8
        return UInt64(littleEndian: value)
    }

    @_lifetime(self: copy self)
    mutating func varint() throws(RowError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            if shift == 63, next > 1 { throw RowError(.field(.init("varint"))) }
            value |= UInt64(next & 0x7F) << shift
            if next & 0x80 == 0 { return value }
            shift += 7
        }
    }

    @_lifetime(self: copy self)
    mutating func zigzag() throws(RowError) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    @_lifetime(self: copy self)
    mutating func zigzag32(_ name: StaticString) throws(RowError) -> Int32 {
        guard let value = Int32(exactly: try zigzag()) else { throw RowError(.field(.init(name))) }
        return value
    }

    @_lifetime(self: copy self)
    mutating func count(_ name: StaticString, max: Int) throws(RowError) -> Int {
        let value = try varint()
        guard value <= UInt64(max) else { throw RowError(.field(.init(name))) }
        return Int(value)
    }

    @_lifetime(self: copy self)
    @_lifetime(copy self)
    mutating func bytes(_ count: Int) throws(RowError) -> RawSpan {
        guard count >= 0, remaining >= count else { throw RowError(.byteCount) }
        let part = span.extracting(offset..<(offset + count))
        offset += count
        return part
    }
}
