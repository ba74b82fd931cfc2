import CoreTypes
import LMDB
import PosixIO
import SystemPackage
import TestSupport
import Testing
import ZnodeTree

@testable import ZnodeStore

@Suite("A damaged store")
struct StoreDamageTests {
    private static let name = "znodes.mdb"

    /// What a scrub of a closed file says: nil when nothing is wrong with it.
    private func scrub(_ directory: ScratchDirectory) throws -> StoreError? {
        do throws(StoreError) {
            try ZnodeStore.checkPages(in: directory.path)
            return try ZnodeStore.open(directory.path).verify().findings.first
        } catch {
            return error
        }
    }

    @Test("is noticed whichever byte was hit, or what was hit was of no consequence")
    func flips() throws {
        let source = try ScratchDirectory("damage-source")
        let rows: [[StoredRow]]
        let used: Int
        do {
            let driver = try makeSampleStore(source.path)
            try driver.delete("/dir/z9")
            try driver.checkpoint()
            used = driver.store.environment.information.usedByteCount / 4_096
            rows = [
                try driver.store.nodeRows(), try driver.store.chunkRows(), try driver.store.systemRows(),
            ]
        }
        let bytes = Array(try source.read(Self.name).prefix(used * 4_096))
        var random = SplitMix64(seed: 0xDA_3A6E)
        var outcomes = (noticed: 0, harmless: 0)
        for page in 0..<used {
            for offset in interestingOffsets(Array(bytes[(page * 4_096)..<(page * 4_096 + 4_096)]), &random) {
                let directory = try ScratchDirectory("damage")
                var damaged = bytes
                let mask: UInt8 = 1 << UInt8.random(in: 0..<8, using: &random)
                damaged[page * 4_096 + offset] ^= mask
                try directory.write(damaged, to: Self.name)
                if let finding = try scrub(directory) {
                    outcomes.noticed += 1
                    #expect(finding.path.contains(Self.name) && !finding.remedy.isEmpty)
                    continue
                }
                outcomes.harmless += 1
                let store = try ZnodeStore.open(directory.path)
                let found = [try store.nodeRows(), try store.chunkRows(), try store.systemRows()]
                #expect(found == rows, "page \(page) offset \(offset) mask \(mask) changed rows unnoticed")
            }
        }
        #expect(outcomes.noticed > outcomes.harmless)
    }

    @Test("is refused at open when an entry of a page points elsewhere, before a row can seem never to have been")
    func pointer() throws {
        let source = try ScratchDirectory("damage-pointer")
        do { _ = try makeSampleStore(source.path) }
        let bytes = try source.read(Self.name)
        var pageCount = 0
        for page in stride(from: 8_192, to: bytes.count, by: 4_096) where bytes[page + 10] & 3 != 0 {
            let directory = try ScratchDirectory("damage-pointer")
            var damaged = bytes
            damaged[page + 19] ^= 4
            try directory.write(damaged, to: Self.name)
            // Pages that no tree uses may be as they like.
            guard (try? ZnodeStore.checkPages(in: directory.path)) == nil else { continue }
            pageCount += 1
            let error = #expect(throws: StoreError.self) { try ZnodeStore.open(directory.path) }
            #expect(error?.kind == .damaged && error?.description.contains("page \(page / 4_096)") == true)
        }
        #expect(pageCount > 2)
    }

    /// The header, the pointers, the first bytes of entries, and some bytes anywhere.
    private func interestingOffsets(_ page: [UInt8], _ random: inout SplitMix64) -> [Int] {
        var offsets = Array(0..<24)
        let lower = min(Int(page[12]) | Int(page[13]) << 8, 4_096)
        for pointer in stride(from: 16, to: max(lower - 1, 16), by: 2).prefix(3) {
            let node = Int(page[pointer]) | Int(page[pointer + 1]) << 8
            offsets += [pointer, pointer + 1]
            if node + 20 < 4_096 { offsets += Array(node..<(node + 20)) }
        }
        offsets += (0..<8).map { _ in Int.random(in: 0..<4_096, using: &random) }
        return Array(offsets.shuffled(using: &random).prefix(16))
    }

    @Test("gives a fault that names file and key when a damaged row is read, while it is open")
    func readsFault() throws {
        let directory = try ScratchDirectory("damage-read")
        let driver = try makeSampleStore(directory.path)
        let row = try #require(try driver.store.nodeRows().first { $0.key.suffix(3) == Array("z77".utf8) })
        let reader = try driver.store.makeReader()
        let buffer = ZnodeBuffer()
        let parent = NodeID(rawValue: row.key.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
        let name = Array("z77".utf8)
        let key = hexadecimal(row.key.span.bytes)
        let isThere = try reader.read(parent: parent, keyName: name.span.bytes, includingLargeData: true, into: buffer)
        #expect(isThere)
        try flip(directory, finding: row.value, at: row.value.count - 1)
        let fault = #expect(throws: StorageFault.self) {
            try reader.read(parent: parent, keyName: name.span.bytes, includingLargeData: true, into: buffer)
        }
        #expect(fault?.location.contains(directory.path.string) == true)
        #expect(fault?.location.contains(key) == true)
        #expect(fault?.remedy.contains("rebuild") == true)
        let report = try driver.store.verify()
        #expect(report.findings.count == 1)
        #expect(report.findings.first?.what.contains(key) == true)
    }

    @Test("gives a fault when large data is damaged, and none to who does not ask for it")
    func largeData() throws {
        let directory = try ScratchDirectory("damage-large")
        let driver = try makeSampleStore(directory.path)
        let chunk = try #require(try driver.store.chunkRows().dropFirst(2).first)
        try flip(directory, finding: Array(chunk.value.prefix(600)), at: 500)
        let reader = try driver.store.makeReader()
        let buffer = ZnodeBuffer()
        let name = Array("large".utf8)
        #expect(throws: StorageFault.self) {
            try reader.read(parent: .root, keyName: name.span.bytes, includingLargeData: true, into: buffer)
        }
        let isThere = try reader.read(parent: .root, keyName: name.span.bytes, includingLargeData: false, into: buffer)
        #expect(isThere)
        #expect(try driver.store.verify().findings.count == 1)
    }

    @Test(
        "is noticed by all rows together when a whole row is not as it was",
        arguments: ["child lost", "parent lost", "older row", "orphan piece", "session lost"])
    func rowsTogether(damage: String) throws {
        let directory = try ScratchDirectory("damage-together")
        let driver = try makeSampleStore(directory.path)
        let store = driver.store
        let nodes = try store.nodeRows()
        let child = try #require(nodes.first { $0.key.suffix(3) == Array("z50".utf8) })
        let parent = try #require(nodes.first { $0.key.suffix(3) == Array("dir".utf8) })
        let session = try #require(try store.systemRows().first { $0.key.first == UInt8(ascii: "s") })
        try driver.set("/dir/z50", [1, 2, 3])
        try driver.checkpoint()
        var transaction = try store.environment.beginWriting()
        var expected = ""
        switch damage {
        case "child lost":
            try transaction.remove(store.databases.nodes, child.key.span.bytes)
            expected = "znodes"
        case "parent lost":
            try transaction.remove(store.databases.nodes, parent.key.span.bytes)
            expected = "znodes"
        case "older row":
            try transaction.put(store.databases.nodes, child.key.span.bytes, child.value.span.bytes)
            expected = "digest of the znodes"
        case "orphan piece":
            let key: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 9, 0, 0]
            try transaction.put(store.databases.chunks, key.span.bytes, key.span.bytes)
            expected = "no znode has this piece"
        default:
            try transaction.remove(store.databases.system, session.key.span.bytes)
            expected = "sessions"
        }
        try transaction.commit()
        let report = try store.verify()
        #expect(report.findings.first?.what.contains(expected) == true, "\(report.findings)")
    }

    @Test("names the parent whose children are not the ones it counts")
    func families() throws {
        let directory = try ScratchDirectory("damage-family")
        let driver = try makeSampleStore(directory.path)
        let store = driver.store
        let child = try #require(try store.nodeRows().first { $0.key.suffix(3) == Array("z50".utf8) })
        let parent = try #require(try store.nodeRows().first { $0.key.suffix(3) == Array("dir".utf8) })
        var transaction = try store.environment.beginWriting()
        try transaction.remove(store.databases.nodes, child.key.span.bytes)
        try transaction.commit()
        let view = try StoreView(store.environment, store.databases)
        let faults = try FamilySearch.run(view)
        let key = hexadecimal(parent.key.span.bytes)
        #expect(faults.count == 1)
        #expect(faults.first?.location.contains(key) == true)
        #expect(faults.first?.what.contains("202 children") == true || faults.first?.what.contains("201") == true)
    }

    @Test("is refused at open when it is of a newer version, something else, or its marker is damaged")
    func marker() throws {
        let directory = try ScratchDirectory("damage-marker")
        do {
            let driver = try makeSampleStore(directory.path)
            var marker = StoreMarker()
            marker.version = 9
            let value = marker.encode()
            var transaction = try driver.store.environment.beginWriting()
            let key = StoreMarker.key
            try transaction.put(driver.store.databases.system, key.span.bytes, value.bytes)
            try transaction.commit()
        }
        var error = #expect(throws: StoreError.self) { try ZnodeStore.open(directory.path) }
        #expect(error?.kind == .newerVersion(9))
        try directory.write([UInt8](repeating: 0x41, count: 50_000), to: Self.name)
        error = #expect(throws: StoreError.self) { try ZnodeStore.open(directory.path) }
        #expect(error?.kind == .notAStore)
    }

    @Test("that is cut is refused with the file's name")
    func cut() throws {
        let source = try ScratchDirectory("damage-cutsource")
        do { _ = try makeSampleStore(source.path) }
        let bytes = try source.read(Self.name)
        for count in [0, 1, 100, 4_096, 5_000, 8_192, 12_288, 40_000] {
            let directory = try ScratchDirectory("damage-cut")
            try directory.write(Array(bytes.prefix(count)), to: Self.name)
            let error = try scrub(directory)
            #expect(error?.path.contains(directory.path.string) == true, "cut to \(count)")
        }
    }

    @Test("what a crash left of a file that was being made is removed, and not taken for the store")
    func leftovers() throws {
        let directory = try ScratchDirectory("damage-leftover")
        try directory.write([1, 2, 3], to: "znodes.mdb.new")
        try directory.write([], to: "znodes.mdb.new-lock")
        let store = try ZnodeStore.open(directory.path)
        #expect(try store.meta() == nil)
        #expect(try store.verify().isWhole)
        #expect(try directory.fileSystem.list(directory.path) == ["znodes.mdb", "znodes.mdb-lock"])
    }
}
