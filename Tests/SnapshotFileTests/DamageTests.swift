import Checksums
import CoreTypes
import PosixIO
import SystemPackage
import Testing

@testable import SnapshotFile

@Suite("A damaged snapshot file")
struct DamageTests {
    private let path = directory.appending("damaged")

    /// A whole file of a few small blocks.
    private func sample() throws -> [UInt8] {
        let fileSystem = try makeFileSystem()
        var pace = SnapshotPace()
        pace.blockByteCount = 300
        try write(sampleRows(3, seed: 3), to: path, on: fileSystem, pace: pace)
        return fileSystem.image.bytes(of: path)
    }

    private func read(_ bytes: [UInt8]) throws {
        let reader = try SnapshotReader(path, fileSystem: try fileSystem(holding: bytes, at: path))
        while try reader.moveToNext() {}
    }

    @Test("is refused whichever bit is flipped, with the path and a place in the message")
    func flips() throws {
        let bytes = try sample()
        let image = try fileSystem(holding: bytes, at: path).image
        var noticed = 0
        for offset in bytes.indices {
            for bit in 0..<8 {
                var damaged = image
                damaged.damage(path, at: UInt64(offset), flipping: 1 << bit)
                do throws(SnapshotError) {
                    try SnapshotReader(path, fileSystem: MemoryFileSystem(image: damaged)).verify()
                } catch {
                    noticed += 1
                    guard error.path == path, let place = error.offset, place <= UInt64(offset) + 8 else {
                        Issue.record("byte \(offset) bit \(bit): \(error)")
                        continue
                    }
                }
            }
        }
        #expect(noticed == bytes.count * 8)
    }

    @Test(
        "names the region that was hit",
        arguments: [
            (0, "magic"), (8, "version"), (50, "header checksum"), (128 + 5, "header of block 0"),
            (128 + 32 + 3, "bytes of block 0"), (-96 + 20, "footer checksum"), (-1, "trailer magic"),
        ])
    func regions(offset: Int, field: String) throws {
        var bytes = try sample()
        bytes[offset < 0 ? bytes.count + offset : offset] ^= 0x10
        let error = #expect(throws: SnapshotError.self) { try read(bytes) }
        #expect(error?.field == field)
        #expect(error.map { "\($0)" }?.contains("/snapshots/damaged") == true)
    }

    @Test("is refused wherever it is cut, as one that ends too early")
    func cuts() throws {
        let bytes = try sample()
        for count in 0..<bytes.count {
            let error = #expect(throws: SnapshotError.self) { try read(Array(bytes.prefix(count))) }
            #expect(error?.kind == .truncated, "cut to \(count): \(String(describing: error))")
        }
    }

    @Test("is refused when bytes were added, a block is missing, doubled or exchanged")
    func blocks() throws {
        let bytes = try sample()
        #expect(throws: SnapshotError.self) { try read(bytes + [0]) }
        #expect(throws: SnapshotError.self) { try read([0] + bytes) }
        let blocks = blockRanges(bytes)
        try #require(blocks.count >= 3)
        let head = Array(bytes[..<128])
        let tail = Array(bytes.suffix(96))
        let parts = blocks.map { Array(bytes[$0]) }
        #expect(throws: Never.self) { try read(head + parts.joined() + tail) }
        #expect(throws: SnapshotError.self) { try read(head + parts.dropFirst().joined() + tail) }
        #expect(throws: SnapshotError.self) { try read(head + parts.dropLast().joined() + tail) }
        #expect(throws: SnapshotError.self) { try read(head + parts[0] + parts.joined() + tail) }
        #expect(throws: SnapshotError.self) { try read(head + parts[1] + parts[0] + parts[2...].joined() + tail) }
    }

    @Test("is refused when blocks or footer are those of another snapshot")
    func mixed() throws {
        let bytes = try sample()
        let fileSystem = try makeFileSystem()
        var pace = SnapshotPace()
        pace.blockByteCount = 300
        var header = sampleHeader
        header.slot = header.slot.next
        try write(sampleRows(3, seed: 3), to: path, on: fileSystem, header: header, pace: pace)
        let other = fileSystem.image.bytes(of: path)
        #expect(throws: SnapshotError.self) { try read(Array(other[..<128]) + bytes[128...]) }
        #expect(throws: SnapshotError.self) { try read(bytes.dropLast(96) + other.suffix(96)) }
    }

    @Test("of a newer version says so, and which one")
    func newer() throws {
        var bytes = try sample()
        bytes[8] = 7
        let error = #expect(throws: SnapshotError.self) { try read(bytes) }
        #expect(error?.kind == .newerVersion(7))
        #expect(error.map { "\($0)" }?.contains("use a newer one") == true)
    }

    @Test("that is something else is not taken for a snapshot")
    func something() throws {
        let error = #expect(throws: SnapshotError.self) { try read([UInt8](repeating: 0x20, count: 4_000)) }
        #expect(error?.kind == .notASnapshot)
    }

    @Test("whose checksums are right but whose lengths lie is refused without a trap")
    func lies() throws {
        var random = SplitMix64(seed: 99)
        for _ in 0..<500 {
            var rows = (0..<Int.random(in: 1..<40, using: &random)).map { _ in UInt8.random(in: 0...4, using: &random) }
            if Bool.random(using: &random) { rows[0] = 1 }
            let bytes = forged(rows: rows, rowCount: UInt32.random(in: 0..<4, using: &random))
            do {
                try read(bytes)
            } catch let error as SnapshotError {
                #expect(error.kind == .damaged || error.kind == .rowOutOfOrder)
            }
        }
    }

    @Test("a block header that claims more than the limits is refused before memory is asked for")
    func hugeBlock() throws {
        for (stored, raw) in [(UInt32.max, UInt32.max), (1, .max), (100, 5_000_000), (0, 0), (10, 5)]
            as [(UInt32, UInt32)]
        {
            let builder = ByteBuilder()
            let checksum = sampleHeader.append(to: builder)
            let block = BlockHeader(
                number: 0, storedByteCount: stored, rowByteCount: raw, encoding: 1, rowCount: 1, storedChecksum: 0)
            block.append(to: builder, headerChecksum: checksum)
            SnapshotFooter().append(to: builder, headerChecksum: checksum)
            let bytes = builder.bytes.copied
            let error = #expect(throws: SnapshotError.self) { try read(bytes) }
            #expect(error?.field == "sizes of block 0")
        }
    }

    /// A file with one block whose bytes are whatever was asked for, and whose checksums are all right.
    private func forged(rows: [UInt8], rowCount: UInt32) -> [UInt8] {
        let builder = ByteBuilder()
        let checksum = sampleHeader.append(to: builder)
        let block = BlockHeader(
            number: 0, storedByteCount: UInt32(rows.count), rowByteCount: UInt32(rows.count), encoding: 0,
            rowCount: rowCount, storedChecksum: crc32c(rows.span.bytes, continuing: checksum))
        block.append(to: builder, headerChecksum: checksum)
        builder.append(rows.span.bytes)
        SnapshotFooter().append(to: builder, headerChecksum: checksum)
        return builder.bytes.copied
    }

    private func blockRanges(_ bytes: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var offset = 128
        while offset < bytes.count - 96 {
            let stored = (0..<4).reduce(0) { $0 | Int(bytes[offset + 8 + $1]) << (8 * $1) }
            ranges.append(offset..<(offset + 32 + stored))
            offset += 32 + stored
        }
        return ranges
    }
}
