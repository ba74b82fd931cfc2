import CoreTypes
import PosixIO
import SnapshotFile
import SystemPackage
import TestSupport
import Testing
import ZnodeTree
import ZooKeeperWire

@testable import ZnodeStore

let sampleOrigin = SnapshotOrigin(
    cluster: ClusterID(Identifier128(high: 1, low: 2)), incarnation: Incarnation(Identifier128(high: 3, low: 4)),
    time: WallClockTime(rawValue: 1_700_000_000_000), stateMachineVersion: 1)

/// A store with every kind of znode: large, null and empty data, long names, ephemerals, a container.
func makeSampleStore(_ directory: FilePath, znodes: Int = 200) throws -> StoreDriver {
    let driver = try StoreDriver(directory)
    try driver.open()
    try driver.create("/dir")
    for number in 0..<znodes {
        try driver.create("/dir/z\(number)", data: [UInt8](repeating: UInt8(number % 251), count: number % 120))
    }
    try driver.create("/large", data: (0..<10_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
    try driver.create("/large/second", data: [UInt8](repeating: 5, count: 1_025))
    try driver.create("/null", data: nil)
    try driver.create("/" + String(repeating: "long", count: 300), data: [1])
    try driver.create("/dir/ephemeral", .ephemeral)
    try driver.create("/dir/container", .container)
    try driver.checkpoint()
    return driver
}

@Suite("A snapshot of the store")
struct StoreSnapshotTests {
    private let fileSystem = RealFileSystem()

    @Test("restores the same rows, the same tree and the same digest")
    func roundTrip() throws {
        let source = try ScratchDirectory("store-source")
        let target = try ScratchDirectory("store-target")
        let driver = try makeSampleStore(source.path)
        let path = source.file("snapshot")
        let written = try driver.store.writeSnapshot(to: path, origin: sampleOrigin, fileSystem: fileSystem)
        #expect(written.slot == driver.tree.appliedSlot && written.zxid == driver.tree.lastZxid)
        #expect(try fileSystem.readFile(path, byteCountMax: 1 << 20).count == Int(written.byteCount))
        let restored = try ZnodeStore.restore(in: target.path, from: SnapshotReader(path, fileSystem: fileSystem))
        #expect(restored.slot == written.slot && restored.nodeCount == driver.tree.nodeCount)
        let store = try ZnodeStore.open(target.path)
        #expect(try store.nodeRows() == driver.store.nodeRows())
        #expect(try store.chunkRows() == driver.store.chunkRows())
        #expect(try store.systemRows() == driver.store.systemRows())
        #expect(try store.verify().findings == [])
        let tree = try ZnodeTree(base: store)
        #expect(tree.digest() == driver.tree.digest())
        #expect(tree.ephemeralCount == 1 && tree.sessionCount == 1)
    }

    @Test("holds who the replicas are, as the store does")
    func membership() throws {
        let source = try ScratchDirectory("store-members")
        let target = try ScratchDirectory("store-members-copy")
        let driver = try makeSampleStore(source.path, znodes: 3)
        try driver.changeMembership([1], [2])
        try driver.checkpoint()
        try driver.create("/between")
        try driver.changeMembership([2], [3])
        try driver.checkpoint()
        #expect(driver.tree.membership?.newest == [3])
        #expect(try driver.store.verify().findings == [])
        let path = source.file("snapshot")
        _ = try driver.store.writeSnapshot(to: path, origin: sampleOrigin, fileSystem: fileSystem)
        try ZnodeStore.restore(in: target.path, from: SnapshotReader(path, fileSystem: fileSystem))
        let store = try ZnodeStore.open(target.path)
        #expect(try store.verify().findings == [])
        let tree = try ZnodeTree(base: store)
        #expect(tree.membership == driver.tree.membership)
        #expect(tree.digest() == driver.tree.digest())
    }

    @Test("is of one checkpoint, whatever is checkpointed while it is written")
    func oneState() throws {
        let directory = try ScratchDirectory("store-onestate")
        let driver = try makeSampleStore(directory.path)
        let path = directory.file("snapshot")
        let slot = driver.tree.appliedSlot
        let rows = try driver.store.nodeRows().count
        var pace = SnapshotPace()
        pace.blockByteCount = 500
        let changes = Changes(driver)
        pace.afterBlock = { _ in changes.make() }
        let written = try driver.store.writeSnapshot(
            to: path, origin: sampleOrigin, fileSystem: fileSystem, pace: pace)
        #expect(changes.count > 5)
        #expect(written.slot == slot)
        let reader = try SnapshotReader(path, fileSystem: fileSystem)
        #expect(reader.footer.rowCount(SnapshotSection(rawValue: 1)) == UInt64(rows))
        try reader.verify()
    }

    @Test("replaces the store that was there, and is refused while that is open")
    func replaces() throws {
        let directory = try ScratchDirectory("store-replace")
        let other = try ScratchDirectory("store-other")
        let path = directory.file("snapshot")
        var driver: StoreDriver? = try makeSampleStore(directory.path)
        _ = try driver?.store.writeSnapshot(to: path, origin: sampleOrigin, fileSystem: fileSystem)
        let digest = driver?.tree.digest()
        var old: StoreDriver? = try makeSampleStore(other.path, znodes: 7)
        let error = #expect(throws: StoreError.self) {
            try ZnodeStore.restore(in: other.path, from: SnapshotReader(path, fileSystem: fileSystem))
        }
        #expect(error?.kind == .inUse)
        old = nil
        driver = nil
        _ = (old, driver)
        try ZnodeStore.restore(in: other.path, from: SnapshotReader(path, fileSystem: fileSystem))
        #expect(try ZnodeTree(base: ZnodeStore.open(other.path)).digest() == digest)
        #expect(try fileSystem.list(other.path).filter { $0.contains(".new") } == [])
    }

    @Test(
        "whose rows are not one whole state is refused, and the store that was there stays",
        arguments: [
            "row lost", "row changed", "piece lost", "piece changed", "session lost", "meta lost", "wrong slot",
        ])
    func refused(forgery: String) throws {
        let directory = try ScratchDirectory("store-forged")
        let path = directory.file("snapshot")
        let forged = directory.file("forged")
        let target = try ScratchDirectory("store-kept")
        do {
            let driver = try makeSampleStore(directory.path)
            _ = try driver.store.writeSnapshot(to: path, origin: sampleOrigin, fileSystem: fileSystem)
        }
        try forge(path, to: forged, forgery)
        let digest: TreeDigest
        do { digest = try makeSampleStore(target.path, znodes: 3).tree.digest() }
        let error = #expect(throws: StoreError.self) {
            try ZnodeStore.restore(in: target.path, from: SnapshotReader(forged, fileSystem: fileSystem))
        }
        #expect(error?.kind == .damagedSnapshot)
        #expect(error?.path == forged.string)
        #expect(try ZnodeTree(base: ZnodeStore.open(target.path)).digest() == digest)
    }

    @Test("of a store whose row is damaged is not written")
    func damaged() throws {
        let directory = try ScratchDirectory("store-damaged")
        let driver = try makeSampleStore(directory.path)
        let row = try #require(try driver.store.nodeRows().last)
        try flip(directory, finding: row.value, at: 12)
        let path = directory.file("snapshot")
        let error = #expect(throws: StoreError.self) {
            try driver.store.writeSnapshot(to: path, origin: sampleOrigin, fileSystem: fileSystem)
        }
        #expect(error?.kind == .damaged)
        let key = hexadecimal(row.key.span.bytes)
        #expect(error?.what.contains(key) == true)
        #expect(try fileSystem.exists(path) == false)
    }

    /// Copies a snapshot through a writer, so that all its checksums are right, with one thing changed.
    private func forge(_ path: FilePath, to target: FilePath, _ forgery: String) throws {
        let reader = try SnapshotReader(path, fileSystem: fileSystem)
        var header = reader.header
        if forgery == "wrong slot" { header.slot = header.slot.next }
        let writer = try SnapshotWriter(target, header: header, fileSystem: fileSystem)
        var counts: [UInt8: Int] = [:]
        while try reader.moveToNext() {
            let section = try #require(reader.section)
            var value = reader.value.copied
            let key = reader.key.copied
            counts[section.rawValue, default: 0] += 1
            let isHit =
                switch forgery {
                case "row lost", "row changed": section.rawValue == 1 && counts[1] == 20
                case "piece lost", "piece changed": section.rawValue == 2 && counts[2] == 2
                case "session lost": section.rawValue == 3 && key.first == UInt8(ascii: "s")
                case "meta lost": section.rawValue == 3 && key.first == UInt8(ascii: "m")
                default: false
                }
            if isHit, forgery.hasSuffix("lost") { continue }
            if isHit { value[value.count - 1] ^= 1 }
            try writer.append(section, key: key.span.bytes, value: value.span.bytes)
        }
        try writer.finish(digest: reader.footer.digest)
    }
}

/// Makes checkpoints from within the callback of a snapshot.
// Used by the one thread of a test.
final class Changes: @unchecked Sendable {
    private let driver: StoreDriver
    private(set) var count = 0

    init(_ driver: StoreDriver) { self.driver = driver }

    func make() -> Bool {
        count += 1
        do {
            try driver.create("/dir/more\(count)", data: [UInt8](repeating: 9, count: 700))
            try driver.delete("/dir/z\(count)")
            try driver.checkpoint()
            return true
        } catch {
            return false
        }
    }
}

/// Flips a bit of a row in the data file, wherever LMDB has put it. The store may be open: it sees the change.
func flip(_ directory: ScratchDirectory, finding bytes: [UInt8], at offset: Int) throws {
    let name = "znodes.mdb"
    let file = try directory.read(name)
    var places: [Int] = []
    var start = 8_192
    while let found = firstRange(of: bytes, in: file, from: start) {
        places.append(found)
        start = found + 1
    }
    try #require(!places.isEmpty)
    let target = try directory.fileSystem.open(directory.file(name), [.write])
    for place in places {
        let damaged = [file[place + offset] ^ 0x04]
        try target.write(damaged.span.bytes, at: UInt64(place + offset))
    }
}

/// Where some bytes begin in others.
func firstRange(of part: [UInt8], in whole: [UInt8], from start: Int) -> Int? {
    guard let first = part.first, whole.count >= part.count else { return nil }
    return whole.withUnsafeBufferPointer { whole in
        for index in start...(whole.count - part.count) where whole[index] == first {
            var isEqual = true
            for offset in part.indices where whole[index + offset] != part[offset] {
                isEqual = false
                break
            }
            if isEqual { return index }
        }
        return nil
    }
}
