import Checksums
import CoreTypes
import Testing
import ZooKeeperWire

@testable import ZnodeTree

@Suite("Rows of znodes")
struct ZnodeRowTests {
    private func decode(_ whole: WholeZnode, _ value: [UInt8], verifying: Bool = true) throws -> ZnodeBuffer {
        let buffer = ZnodeBuffer()
        try ZnodeRow.decode(key: whole.key.span.bytes, value: value.span.bytes, into: buffer, verifying: verifying)
        return buffer
    }

    @Test("a row comes back as it was written", arguments: [1, 2, 3])
    func roundTrip(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<300 {
            let whole = WholeZnode.random(using: &random)
            let value = whole.value
            let buffer = try decode(whole, value)
            #expect(buffer.node == whole.node, "seed \(seed)")
            #expect([UInt8](copying: buffer.accessList) == whole.accessList, "seed \(seed)")
            let isLong = whole.name.count > 503
            #expect([UInt8](copying: buffer.longName) == (isLong ? whole.name : []), "seed \(seed)")
            #expect(buffer.isDataLeftOut == whole.isLarge, "seed \(seed)")
            #expect([UInt8](copying: buffer.data) == (whole.isLarge ? [] : whole.data ?? []), "seed \(seed)")
            #expect(buffer.dataHash == (whole.isLarge ? whole.dataHash : 0), "seed \(seed)")
            let peeked = try ZnodeRow.peek(value: value.span.bytes)
            #expect(peeked.id == whole.node.id)
            #expect(peeked.largeData?.byteCount == (whole.isLarge ? whole.data?.count : nil), "seed \(seed)")
        }
    }

    @Test("every flipped bit of a row, and of its key, is noticed")
    func flippedBits() throws {
        var random = SplitMix64(seed: 4)
        var whole = WholeZnode.random(using: &random)
        whole.name = Array("name".utf8)
        whole.data = .random(count: 60, using: &random)
        whole.node.dataByteCount = 60
        let value = whole.value
        #expect(verifies(key: whole.key, value: value))
        for bit in 0..<(value.count * 8) {
            var damaged = value
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: RowError(.checksum)) { try decode(whole, damaged) }
        }
        let key = whole.key
        for bit in 0..<(key.count * 8) {
            var damaged = key
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!verifies(key: damaged, value: value))
        }
    }

    @Test("no bytes make the decoder trap", arguments: [5, 6])
    func fuzz(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var refused = 0
        for round in 0..<3_000 {
            let whole = WholeZnode.random(using: &random)
            var value = whole.value
            if round % 3 == 0 {
                value = .random(count: Int.random(in: 0...80, using: &random), using: &random)
            } else {
                for _ in 0..<3 { value[Int.random(in: 0..<value.count, using: &random)] = UInt8(random.next() & 0xFF) }
                value.removeLast(Int.random(in: 0...min(value.count, 20), using: &random))
            }
            do {
                _ = try decode(whole, value, verifying: false)
                _ = try ZnodeRow.peek(value: value.span.bytes)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 1_000)
    }

    @Test("a row of a newer layout is refused by number")
    func newerLayout() {
        let whole = WholeZnode(node: .empty, name: [97], data: nil)
        var value = whole.value
        value[8] = 2
        #expect(throws: RowError(.layout(2))) { try decode(whole, value, verifying: false) }
    }

    @Test("a plain znode's row takes few bytes beside its data")
    func size() {
        let time = WallClockTime(rawValue: 1_750_000_000_000)
        let node = Znode(
            id: NodeID(rawValue: 1_000_000), zxid: Zxid(rawValue: 1_000_000), time: time, dataByteCount: 100)
        let whole = WholeZnode(node: node, name: Array("node".utf8), data: [UInt8](repeating: 0, count: 100))
        #expect(whole.value.count - 100 == 22)
    }

    @Test("rows are, byte for byte, those of the golden file")
    func golden() throws {
        let golden = try goldenRecords("rows.txt")
        for (name, whole) in GoldenRows.znodes {
            #expect(whole.key.hexadecimal == golden[name + ".key"], "\(name).key")
            #expect(whole.value.hexadecimal == golden[name + ".value"], "\(name).value")
        }
    }
}

/// The znodes of the golden file.
enum GoldenRows {
    static var znodes: [(String, WholeZnode)] {
        let time = WallClockTime(rawValue: 1_750_000_000_123)
        let plain = Znode(id: NodeID(rawValue: 300), zxid: Zxid(rawValue: 5), time: time, dataByteCount: 5)
        var parent = plain
        parent.mzxid = Zxid(rawValue: 130)
        parent.mtime = WallClockTime(rawValue: 1_750_000_000_456)
        parent.pzxid = Zxid(rawValue: 131)
        parent.version = 2
        parent.aversion = -1
        parent.createCount = 4
        parent.childCount = 3
        parent.childNamesDigest = 0x0102_0304_0506_0708
        parent.dataByteCount = -1
        let access = bytes {
            AccessList([AccessEntry(permissions: .read, scheme: "world", id: "anyone")]).encode(into: $0)
        }
        var owned = plain
        owned.owner = ZnodeOwner(rawValue: 0x0100_0000_0000_0007)
        owned.dataByteCount = 2_000
        let longName = [UInt8](repeating: UInt8(ascii: "n"), count: 510)
        return [
            ("plain", WholeZnode(node: plain, name: Array("plain".utf8), data: Array("hello".utf8))),
            ("parent", WholeZnode(node: parent, name: Array("parent".utf8), accessList: access, data: nil)),
            (
                "largeAndLong",
                WholeZnode(
                    node: owned, name: longName, data: [UInt8](repeating: 0xAB, count: 2_000),
                    parent: NodeID(rawValue: 300))
            ),
        ]
    }
}
