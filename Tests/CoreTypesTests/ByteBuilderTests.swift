import Testing

@testable import CoreTypes

@Suite("Bytes")
struct ByteBuilderTests {
    @Test("integers and spans come back in the order and byte order they were written")
    func roundTrip() throws {
        let builder = ByteBuilder(capacity: 1)
        builder.append(littleEndian: UInt32(0x0403_0201))
        builder.append(bigEndian: UInt16(0x0506))
        let middle: [UInt8] = [7, 8, 9]
        builder.append(middle.span.bytes)
        builder.append(zeros: 2)
        builder.append(utf8: "é")
        let bytes = builder.bytes.withUnsafeBytes { Array($0) }
        #expect(bytes == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0xC3, 0xA9])
        var reader = ByteReader(builder.bytes)
        let first = try reader.integer(UInt32.self)
        #expect(first == 0x0403_0201)
        let two = try reader.bytes(2).byteCount
        #expect(two == 2)
        let (offset, remaining) = (reader.offset, reader.remaining)
        #expect(offset == 6)
        #expect(remaining == 7)
    }

    @Test("growth keeps what was written, and clearing keeps the memory")
    func growth() {
        let builder = ByteBuilder(capacity: 16)
        for value in 0..<10_000 { builder.append(littleEndian: UInt32(value)) }
        #expect(builder.count == 40_000)
        let last = builder.bytes.unsafeLoadUnaligned(fromByteOffset: 39_996, as: UInt32.self)
        #expect(last == 9_999)
        builder.overwrite(at: 0, littleEndian: UInt32(77))
        let first = builder.bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self)
        #expect(first == 77)
        builder.truncate(to: 4)
        #expect(builder.count == 4)
        builder.removeAll()
        #expect(builder.count == 0)
    }

    @Test("reading past the end throws, says where, and reads nothing")
    func endOfBytes() {
        #expect(throws: ByteReader.EndOfBytes(offset: 1, wanted: 4)) {
            let three: [UInt8] = [1, 2, 3]
            var reader = ByteReader(three.span.bytes)
            _ = try reader.integer(UInt8.self)
            _ = try reader.integer(UInt32.self)
        }
        #expect(throws: ByteReader.EndOfBytes(offset: 0, wanted: -1)) {
            let three: [UInt8] = [1, 2, 3]
            var reader = ByteReader(three.span.bytes)
            _ = try reader.bytes(-1)
        }
    }
}
