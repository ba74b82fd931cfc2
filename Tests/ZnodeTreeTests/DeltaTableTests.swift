import Checksums
import CoreTypes
import Testing
import ZooKeeperWire

@testable import ZnodeTree

@Suite("The delta's table")
struct DeltaTableTests {
    private struct Expected: Equatable {
        var id: UInt64
        var data: [UInt8]
        var accessList: [UInt8]
    }

    private struct Key: Hashable {
        var parent: UInt64
        var name: [UInt8]
    }

    private func find(_ table: borrowing DeltaTable, _ key: Key) -> DeltaIndex {
        table.find(
            parent: NodeID(rawValue: key.parent), keyName: key.name.span.bytes, nameHash: hash64(key.name.span.bytes))
    }

    @Test("a table of the capacity that it tells holds as much without growing")
    func capacity() {
        for count in [0, 1, 1_023, 1_024, 1_025, 5_000] {
            var table = DeltaTable()
            fill(&table, count)
            var second = DeltaTable(capacity: table.tableCapacity)
            let emptyByteCount = second.byteCount
            fill(&second, count)
            #expect(second.byteCount - emptyByteCount == filledByteCount(count), "\(count) entries")
        }
    }

    private func fill(_ table: inout DeltaTable, _ count: Int) {
        for number in 0..<count {
            let node = Znode(id: NodeID(rawValue: UInt64(number) + 9), zxid: .zero, time: .zero, dataByteCount: 0)
            let name = Array(String(number).utf8)
            _ = unsafe table.insert(
                node, parent: .root, keyName: name.span.bytes, nameHash: hash64(name.span.bytes), longName: RawSpan(),
                flags: [])
        }
    }

    /// What so many entries take beside the slots of the table.
    private func filledByteCount(_ count: Int) -> Int {
        var table = DeltaTable(capacity: 65_536)
        let emptyByteCount = table.byteCount
        fill(&table, count)
        return table.byteCount - emptyByteCount
    }

    @Test("it holds what a dictionary holds, over random changes", arguments: [11, 12, 13])
    func againstDictionary(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var table = DeltaTable(capacity: 64)
        var model: [Key: Expected] = [:]
        for step in 0..<6_000 {
            let key = Key(
                parent: UInt64.random(in: 0...6, using: &random),
                name: .random(count: Int.random(in: 0...3, using: &random), using: &random).map { $0 & 7 })
            let index = find(table, key)
            guard index.isNone == (model[key] == nil) else {
                Issue.record("seed \(seed), step \(step): \(key.name) below \(key.parent)")
                return
            }
            if index.isNone {
                let id = UInt64(step)
                var node = Znode.empty
                node.id = NodeID(rawValue: id)
                _ = table.insert(
                    node, parent: NodeID(rawValue: key.parent), keyName: key.name.span.bytes,
                    nameHash: hash64(key.name.span.bytes), longName: RawSpan(), flags: [])
                model[key] = Expected(id: id, data: [], accessList: [])
                continue
            }
            change(index, of: &table, &model[key], &random)
        }
        #expect(table.count == model.count)
        for (key, expected) in model {
            let index = find(table, key)
            #expect(!index.isNone, "seed \(seed)")
            let entry = table[index]
            #expect(entry.node.id.rawValue == expected.id, "seed \(seed)")
            #expect([UInt8](copying: table.bytes(entry.data)) == expected.data, "seed \(seed)")
            #expect([UInt8](copying: table.bytes(entry.accessList)) == expected.accessList, "seed \(seed)")
        }
        for parent in 0...7 as ClosedRange<UInt64> {
            let names = childNames(table, parent)
            #expect(
                names
                    == model.keys.filter { $0.parent == parent }.map(\.name).sorted { $0.lexicographicallyPrecedes($1) }
            )
        }
    }

    private func change(
        _ index: DeltaIndex, of table: inout DeltaTable, _ expected: inout Expected?, _ random: inout SplitMix64
    ) {
        let bytes = [UInt8].random(count: Int.random(in: 0...50, using: &random), using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            table.setData(index, bytes.span.bytes, isInPlaceAllowed: Bool.random(using: &random))
            expected?.data = bytes
        case 1:
            table.setAccessList(index, bytes.span.bytes)
            expected?.accessList = bytes
        default:
            table.remove(index)
            expected = nil
        }
    }

    private func childNames(_ table: borrowing DeltaTable, _ parent: UInt64) -> [[UInt8]] {
        var names: [[UInt8]] = []
        let list = table.children(of: NodeID(rawValue: parent))
        var next = list.first
        while !next.isNone {
            names.append([UInt8](copying: table.bytes(table[next].keyName)))
            next = table[next].next
        }
        #expect(names.count == Int(list.count))
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }

    @Test("data that fits is written over the old, unless the old must survive")
    func inPlace() {
        var table = DeltaTable()
        let name: [UInt8] = [97]
        let index = table.insert(
            .empty, parent: .root, keyName: name.span.bytes, nameHash: hash64(name.span.bytes),
            longName: RawSpan(), flags: [])
        let first = [UInt8](repeating: 1, count: 100)
        let second = [UInt8](repeating: 2, count: 90)
        table.setData(index, first.span.bytes, isInPlaceAllowed: true)
        let before = table.byteCount
        let kept = table[index].data
        table.setData(index, second.span.bytes, isInPlaceAllowed: false)
        #expect([UInt8](copying: table.bytes(kept)) == first)
        #expect(table.byteCount > before)
        let after = table.byteCount
        table.setData(index, Array(second[..<80]).span.bytes, isInPlaceAllowed: true)
        #expect(table.byteCount == after)
        #expect([UInt8](copying: table.bytes(table[index].data)) == Array(second[..<80]))
    }

    @Test("a name too long for a key is kept in both forms")
    func longName() {
        var table = DeltaTable()
        let name = [UInt8](repeating: UInt8(ascii: "n"), count: 600)
        let keyName = bytes { ZnodeKey.appendKeyName(of: name.span.bytes, to: $0) }
        let index = table.insert(
            .empty, parent: .root, keyName: keyName.span.bytes, nameHash: hash64(keyName.span.bytes),
            longName: name.span.bytes, flags: [])
        let entry = table[index]
        #expect([UInt8](copying: table.bytes(entry.keyName)) == keyName)
        #expect([UInt8](copying: table.bytes(entry.longName)) == name)
        #expect([UInt8](copying: table.bytes(entry.fullName)) == name)
    }
}
