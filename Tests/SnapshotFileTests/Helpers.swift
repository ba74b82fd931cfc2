import CoreTypes
import PosixIO
import SnapshotFile
import SystemPackage
import Testing

/// A row, as arrays that expectations can take.
struct Row: Equatable, Comparable {
    var section: UInt8
    var key: [UInt8]
    var value: [UInt8]

    static func < (left: Row, right: Row) -> Bool {
        left.section != right.section ? left.section < right.section : left.key.lexicographicallyPrecedes(right.key)
    }
}

let sampleHeader = SnapshotHeader(
    cluster: ClusterID(Identifier128(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10)),
    incarnation: Incarnation(Identifier128(high: 0x1112_1314_1516_1718, low: 0x191A_1B1C_1D1E_1F20)),
    slot: Slot(rawValue: 4_711), zxid: Zxid(rawValue: 815), time: WallClockTime(rawValue: 1_700_000_000_123),
    stateMachineVersion: 1)

/// The directory that every test's snapshot stands in.
let directory = FilePath("/snapshots")

extension RawSpan {
    var copied: [UInt8] { withUnsafeBytes { Array($0) } }
}

func makeFileSystem() throws -> MemoryFileSystem {
    let fileSystem = MemoryFileSystem()
    try fileSystem.createDirectory(directory)
    try fileSystem.syncDirectory(directory)
    return fileSystem
}

extension SnapshotWriter {
    func append(_ row: Row) throws(SnapshotError) {
        try append(SnapshotSection(rawValue: row.section), key: row.key.span.bytes, value: row.value.span.bytes)
    }
}

@discardableResult
func write(
    _ rows: [Row], to path: FilePath, on fileSystem: any FileSystem, header: SnapshotHeader = sampleHeader,
    pace: SnapshotPace = .init()
) throws -> SnapshotFooter {
    let writer = try SnapshotWriter(path, header: header, fileSystem: fileSystem, pace: pace)
    for row in rows { try writer.append(row) }
    return try writer.finish(digest: 0xD16E_5700_0000_0001)
}

func readRows(_ reader: SnapshotReader) throws -> [Row] {
    var rows: [Row] = []
    while try reader.moveToNext() {
        rows.append(
            Row(section: reader.section?.rawValue ?? 0, key: reader.key.copied, value: reader.value.copied))
    }
    return rows
}

/// A file system with one file of these bytes.
func fileSystem(holding bytes: [UInt8], at path: FilePath) throws -> MemoryFileSystem {
    let fileSystem = try makeFileSystem()
    let file = try fileSystem.open(path, [.write, .create])
    try file.write(bytes.span.bytes, at: 0)
    return fileSystem
}

/// Ascending rows of three sections, some of them compressible.
func sampleRows(_ count: Int, seed: UInt64) -> [Row] {
    var random = SplitMix64(seed: seed)
    var rows: [Row] = []
    for section in UInt8(1)...3 {
        for number in 0..<count {
            let key = (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
            let valueCount = Int.random(in: 0..<200, using: &random)
            let value: [UInt8] =
                number % 3 == 0
                ? (0..<valueCount).map { _ in UInt8.random(in: 0...255, using: &random) }
                : [UInt8](repeating: section, count: valueCount)
            rows.append(Row(section: section, key: key, value: value))
        }
    }
    return rows
}
