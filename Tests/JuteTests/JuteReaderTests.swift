import CoreTypes
import Jute
import Testing

@Suite("Jute's primitives")
struct JuteReaderTests {
    /// Reads one value from bytes and gives the result or the error.
    private func read<Value>(
        _ bytes: [UInt8], byteCountMax: Int = .max, _ body: (inout JuteReader) throws(JuteError) -> Value
    ) -> Result<Value, JuteError> {
        var reader = JuteReader(bytes.span.bytes, byteCountMax: byteCountMax)
        do { return .success(try body(&reader)) } catch { return .failure(error) }
    }

    private func text(_ reader: inout JuteReader) throws(JuteError) -> [UInt8]? {
        guard let span = try reader.buffer() else { return nil }
        var bytes: [UInt8] = []
        for index in 0..<span.byteCount { bytes.append(span.unsafeLoad(fromByteOffset: index, as: UInt8.self)) }
        return bytes
    }

    @Test("integers are big-endian and signed")
    func integers() {
        #expect(read([0xFF, 0xFF, 0xFF, 0xFE]) { (reader) throws(JuteError) in try reader.int32() } == .success(-2))
        #expect(
            read([0, 0, 0, 0, 0, 0, 1, 2]) { (reader) throws(JuteError) in try reader.int64() } == .success(258))
        #expect(read([2]) { (reader) throws(JuteError) in try reader.boolean() } == .success(true))
        #expect(read([0]) { (reader) throws(JuteError) in try reader.boolean() } == .success(false))
    }

    @Test("a null buffer is kept apart from an empty one, a null string is not")
    func null() {
        #expect(read([0xFF, 0xFF, 0xFF, 0xFF], text) == .success(nil))
        #expect(read([0, 0, 0, 0], text) == .success([]))
        let string = read([0xFF, 0xFF, 0xFF, 0xFF]) { (reader) throws(JuteError) in try reader.string().byteCount }
        #expect(string == .success(0))
    }

    @Test(
        "a length that cannot be is refused before anything is made of it",
        arguments: [
            ([0xFF, 0xFF, 0xFF, 0xFE], JuteError(.unreasonableLength(-2), offset: 0)),
            ([0x7F, 0xFF, 0xFF, 0xFF], JuteError(.unreasonableLength(.max), offset: 0)),
            ([0, 0, 0, 9, 1, 2], JuteError(.unreasonableLength(9), offset: 0)),
            ([0, 0, 0, 3, 1, 2], JuteError(.endOfBytes(wanted: 3), offset: 4)),
            ([0, 0, 0], JuteError(.endOfBytes(wanted: 4), offset: 0)),
        ] as [([UInt8], JuteError)])
    func lengths(bytes: [UInt8], error: JuteError) {
        #expect(read(bytes, byteCountMax: 8, text) == .failure(error))
    }

    @Test("a count that the remaining bytes cannot hold is refused")
    func counts() {
        func count(_ bytes: [UInt8]) -> Result<Int?, JuteError> {
            read(bytes) { (reader) throws(JuteError) in try reader.vectorCount(elementByteCountMin: 4) }
        }
        #expect(count([0xFF, 0xFF, 0xFF, 0xFF]) == .success(nil))
        #expect(count([0, 0, 0, 1, 0, 0, 0, 0]) == .success(1))
        #expect(count([0, 0, 0, 2, 0, 0, 0, 0]) == .failure(JuteError(.unreasonableCount(2), offset: 0)))
        #expect(count([0x80, 0, 0, 0]) == .failure(JuteError(.unreasonableCount(.min), offset: 0)))
    }

    @Test("what is written is read back, whatever it is")
    func roundTrip() throws {
        let seed: UInt64 = 0x7A6F_6F6B
        var random = SplitMix64(seed: seed)
        for round in 0..<200 {
            let number = Int32(truncatingIfNeeded: random.next())
            let long = Int64(bitPattern: random.next())
            let bytes = (0..<Int(random.next() % 40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let builder = ByteBuilder(capacity: 16)
            builder.append(bigEndian: number)
            builder.append(juteBuffer: bytes.span.bytes)
            builder.append(juteBoolean: long < 0)
            builder.appendJuteNull()
            builder.append(juteVectorCount: 1)
            builder.append(juteString: "grün")
            builder.append(bigEndian: long)
            var reader = JuteReader(builder.bytes)
            let note: Comment = "seed \(seed) round \(round)"
            #expect(try reader.int32() == number, note)
            #expect(try text(&reader) == bytes, note)
            #expect(try reader.boolean() == (long < 0), note)
            #expect(try text(&reader) == nil, note)
            #expect(try reader.vectorCount(elementByteCountMin: 4) == 1, note)
            #expect(try text(&reader) == Array("grün".utf8), note)
            #expect(try reader.int64() == long, note)
            #expect(reader.remaining == 0, note)
        }
    }

    @Test("no bytes make it trap")
    func hostileBytes() {
        let seed: UInt64 = 99
        var random = SplitMix64(seed: seed)
        for _ in 0..<2_000 {
            let bytes = (0..<Int(random.next() % 24)).map { _ in
                random.next() % 3 == 0 ? UInt8(truncatingIfNeeded: random.next()) : 0
            }
            var reader = JuteReader(bytes.span.bytes)
            while reader.remaining > 0 {
                let before = reader.offset
                do throws(JuteError) {
                    switch random.next() % 5 {
                    case 0: _ = try reader.int32()
                    case 1: _ = try reader.int64()
                    case 2: _ = try reader.boolean()
                    case 3: _ = try text(&reader)
                    default: _ = try reader.vectorCount(elementByteCountMin: 1)
                    }
                } catch { break }
                #expect(reader.offset > before && reader.offset <= bytes.count)
            }
        }
    }
}
