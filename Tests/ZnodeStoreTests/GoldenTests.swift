import CoreTypes
import PosixIO
import SnapshotFile
import SystemPackage
import TestSupport
import Testing
import ZnodeTree

@testable import ZnodeStore

/// Store format version 1: these rows are read for ever. The file is a snapshot, whose rows are the store's as they are.
@Suite("The rows of the golden store")
struct StoreGoldenTests {
    private let golden = FilePath(#filePath).removingLastComponent().appending("Golden/store-version-1.snapshot")
    private let fileSystem = RealFileSystem()

    @Test("are restored to the tree they were written from")
    func reads() throws {
        let directory = try ScratchDirectory("golden-read")
        let restored = try ZnodeStore.restore(in: directory.path, from: SnapshotReader(golden, fileSystem: fileSystem))
        #expect(restored.nodeCount == 17)
        let driver = try StoreDriver(directory.path)
        #expect(try driver.data("/dir/z4") == [4, 4, 4, 4])
        #expect(try driver.data("/large").count == 10_000)
        #expect(try driver.data("/" + String(repeating: "long", count: 300)) == [1])
        #expect(driver.tree.ephemeralCount == 1 && driver.tree.sessionCount == 1)
        #expect(try driver.store.verify().findings == [])
    }

    @Test("are written again, byte for byte")
    func writes() throws {
        let directory = try ScratchDirectory("golden-write")
        let driver = try makeSampleStore(directory.path, znodes: 6)
        let path = directory.file("snapshot")
        _ = try driver.store.writeSnapshot(to: path, origin: sampleOrigin, fileSystem: fileSystem)
        let found = try rows(path)
        let isThere = try fileSystem.exists(golden)
        if !isThere {
            _ = try driver.store.writeSnapshot(to: golden, origin: sampleOrigin, fileSystem: fileSystem)
            Issue.record("the golden file was missing and was written: look at it before it is committed")
        }
        #expect(try found == rows(golden))
    }

    @Test("the marker row and the keys of large data have these bytes")
    func bytes() {
        let marker = StoreMarker().encode()
        let value = marker.bytes.copied
        #expect(StoreMarker.key == [0x56])
        #expect(Array(value.dropFirst(8)) == [1, 0, 0, 0, 0xE4, 0x07, 0, 0])
        #expect(StoreMarker(value: marker.bytes) == StoreMarker())
        let key = ByteBuilder()
        ChunkKey.replace(key, node: NodeID(rawValue: 0x0102_0304_0506_0708), index: 0x090A)
        let bytes = key.bytes.copied
        #expect(bytes == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    }

    private func rows(_ path: FilePath) throws -> [StoredRow] {
        let reader = try SnapshotReader(path, fileSystem: fileSystem)
        var rows: [StoredRow] = []
        while try reader.moveToNext() { rows.append(StoredRow(key: reader.key.copied, value: reader.value.copied)) }
        return rows
    }
}
