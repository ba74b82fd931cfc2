import CoreTypes
import PosixIO
import SnapshotFile
import SystemPackage
import Testing

/// Format version 1, as it was first released: these bytes are read for ever.
@Suite("The snapshot of the golden file")
struct GoldenTests {
    private static let golden = FilePath(#filePath).removingLastComponent().appending("Golden/version-1.snapshot")
    private static let rows = [
        Row(section: 1, key: [0, 0, 0, 0, 0, 0, 0, 1], value: Array("a value that is stored as it is".utf8)),
        Row(section: 1, key: [0, 0, 0, 0, 0, 0, 0, 2], value: []),
        Row(section: 2, key: Array("text".utf8), value: [UInt8](repeating: 0x61, count: 400)),
        Row(section: 3, key: [0xFF], value: [1, 2, 3]),
    ]

    private static var pace: SnapshotPace {
        var pace = SnapshotPace()
        pace.blockByteCount = 64
        return pace
    }

    @Test("is read as what it was written from")
    func reads() throws {
        let reader = try SnapshotReader(Self.golden, fileSystem: RealFileSystem())
        #expect(reader.header == sampleHeader)
        #expect(try readRows(reader) == Self.rows)
        #expect(reader.footer.blockCount == 3)
        #expect(reader.footer.digest == 0xD16E_5700_0000_0001)
    }

    @Test("is written again, byte for byte")
    func writes() throws {
        let fileSystem = try makeFileSystem()
        let path = directory.appending("golden")
        try write(Self.rows, to: path, on: fileSystem, pace: Self.pace)
        let bytes = fileSystem.image.bytes(of: path)
        let golden = try RealFileSystem().readFile(Self.golden, byteCountMax: 4_096)
        #expect(bytes == golden)
    }
}
