import Checksums
import CoreTypes
import Testing
import ZooKeeperWire

@testable import ZnodeTree

@Suite("Checkpoints of deltas")
struct ModelZnodeBaseTests {
    /// Fills a table with a znode as a tree would, so that its checksum is right.
    private func put(_ whole: WholeZnode, into table: inout DeltaTable, isDataBelow: Bool = false) {
        let keyName = bytes { ZnodeKey.appendKeyName(of: whole.name.span.bytes, to: $0) }
        let longName = whole.name.count > 503 ? whole.name : []
        let hash = hash64(keyName.span.bytes)
        var index = table.find(parent: whole.parent, keyName: keyName.span.bytes, nameHash: hash)
        if index.isNone {
            index = table.insert(
                whole.node, parent: whole.parent, keyName: keyName.span.bytes, nameHash: hash,
                longName: longName.span.bytes, flags: [])
        }
        table[index].node = whole.node
        table[index].flags = []
        let data = whole.data ?? []
        table.setAccessList(index, whole.accessList.span.bytes)
        if isDataBelow {
            table[index].flags.insert(.dataBelow)
        } else {
            table.setData(index, data.span.bytes, isInPlaceAllowed: true)
        }
        table[index].dataHash = whole.isLarge ? hash64(data.span.bytes) : 0
        let value = whole.value
        table[index].checksum = SystemRow.checksum(of: value.span.bytes)
    }

    private func remove(_ whole: WholeZnode, from table: inout DeltaTable) {
        put(whole, into: &table)
        let key = bytes { ZnodeKey.appendKeyName(of: whole.name.span.bytes, to: $0) }
        let index = table.find(parent: whole.parent, keyName: key.span.bytes, nameHash: hash64(key.span.bytes))
        table[index].flags = [.removed]
    }

    private func read(_ reader: any ZnodeBaseReader, _ whole: WholeZnode, largeData: Bool = true) throws -> ZnodeBuffer?
    {
        let buffer = ZnodeBuffer()
        let keyName = bytes { ZnodeKey.appendKeyName(of: whole.name.span.bytes, to: $0) }
        let isThere = try reader.read(
            parent: whole.parent, keyName: keyName.span.bytes, includingLargeData: largeData, into: buffer)
        return isThere ? buffer : nil
    }

    @Test("what was checkpointed is what is read, over several deltas", arguments: [21, 22])
    func againstDictionary(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let base = ModelZnodeBase()
        let reader = base.makeReader()
        var model: [[UInt8]: WholeZnode] = [:]
        for _ in 0..<5 {
            var table = DeltaTable()
            for _ in 0..<60 {
                var whole = WholeZnode.random(using: &random)
                whole.parent = NodeID(rawValue: UInt64.random(in: 1...3, using: &random))
                if let old = model.values.randomElement(using: &random), Bool.random(using: &random) {
                    whole.name = old.name
                    whole.parent = old.parent
                }
                if Int.random(in: 0..<4, using: &random) == 0 {
                    remove(whole, from: &table)
                    model[whole.key] = nil
                } else {
                    put(whole, into: &table)
                    model[whole.key] = whole
                }
            }
            base.writeCheckpoint(Delta(table, meta: MetaRow()))
            try reader.renew()
            #expect(base.rows.map(\.key) == model.keys.sorted { $0.lexicographicallyPrecedes($1) }, "seed \(seed)")
            for whole in model.values {
                let buffer = try #require(try read(reader, whole), "seed \(seed)")
                #expect(buffer.node == whole.node && !buffer.isDataLeftOut, "seed \(seed)")
                #expect([UInt8](copying: buffer.data) == whole.data ?? [], "seed \(seed)")
            }
            #expect(base.largeDataCount == model.values.filter(\.isLarge).count, "seed \(seed)")
        }
    }

    @Test("rows come in key order, and writing a delta twice is the same as once")
    func orderAndRepetition() {
        var random = SplitMix64(seed: 23)
        var table = DeltaTable()
        for _ in 0..<500 {
            var whole = WholeZnode.random(using: &random)
            whole.parent = NodeID(rawValue: UInt64.random(in: 0...300, using: &random))
            put(whole, into: &table)
        }
        let delta = Delta(table, meta: MetaRow())
        var keys: [[UInt8]] = []
        delta.forEachRow { keys.append([UInt8](copying: $0.key)) }
        for (left, right) in zip(keys, keys.dropFirst()) { #expect(left.lexicographicallyPrecedes(right)) }
        let base = ModelZnodeBase()
        base.writeCheckpoint(delta)
        let once = base.rows
        base.writeCheckpoint(delta)
        #expect(base.rows == once && once.count == delta.count)
    }

    @Test("names that begin alike come in key order, wherever they begin to differ")
    func orderOfSiblings() {
        var random = SplitMix64(seed: 24)
        var table = DeltaTable()
        let beginning = (1...17).map { UInt8($0) }
        let alphabet: [UInt8] = [0x00, 0x01, 0x7F, 0x80, 0xFF]
        var names: Set<[UInt8]> = []
        for count in [0, 1, 7, 8, 9, 15, 16, 17] {
            for _ in 0..<60 {
                let end = (0..<Int.random(in: 0...4, using: &random)).map { _ in alphabet[Int(random.next() % 5)] }
                names.insert(beginning.prefix(count) + end)
            }
        }
        for name in names.sorted(by: { $0.count < $1.count }) where !name.isEmpty {
            var whole = WholeZnode.random(using: &random)
            (whole.parent, whole.name) = (NodeID(rawValue: 3), name)
            put(whole, into: &table)
        }
        var keys: [[UInt8]] = []
        Delta(table, meta: MetaRow()).forEachRow { keys.append([UInt8](copying: $0.key)) }
        #expect(keys.count == names.subtracting([[]]).count && keys.count > 200)
        for (left, right) in zip(keys, keys.dropFirst()) { #expect(left.lexicographicallyPrecedes(right)) }
    }

    @Test("large data stays with its znode, and goes with it")
    func largeData() throws {
        let base = ModelZnodeBase()
        let data = [UInt8](repeating: 7, count: 3_000)
        var node = Znode(id: NodeID(rawValue: 5), zxid: Zxid(rawValue: 1), time: .zero, dataByteCount: 3_000)
        var whole = WholeZnode(node: node, name: [97], data: data)
        var first = DeltaTable()
        put(whole, into: &first)
        base.writeCheckpoint(Delta(first, meta: MetaRow()))
        let former = base.makeReader()

        // Another field changes: the data is not written again.
        whole.node.version = 1
        var second = DeltaTable()
        put(whole, into: &second, isDataBelow: true)
        let delta = Delta(second, meta: MetaRow())
        delta.forEachRow { row in
            #expect(row.largeDataChange == .unchanged && row.largeData.byteCount == 0)
        }
        base.writeCheckpoint(delta)
        let buffer = try #require(try read(base.makeReader(), whole))
        #expect([UInt8](copying: buffer.data) == data && buffer.node.version == 1)
        #expect(try #require(try read(base.makeReader(), whole, largeData: false)).isDataLeftOut)

        // Another znode of that name, with other large data: the old data goes.
        node.id = NodeID(rawValue: 9)
        var third = DeltaTable()
        put(WholeZnode(node: node, name: [97], data: data.reversed()), into: &third)
        base.writeCheckpoint(Delta(third, meta: MetaRow()))
        #expect(base.largeDataCount == 1)

        var fourth = DeltaTable()
        remove(whole, from: &fourth)
        base.writeCheckpoint(Delta(fourth, meta: MetaRow()))
        #expect(base.largeDataCount == 0 && base.rows.isEmpty)
        #expect(try #require(try read(former, whole)).node.version == 0, "a reader keeps its state")
    }

    @Test("children come in order, from behind a name on, until no more are wanted")
    func children() throws {
        let base = ModelZnodeBase()
        var table = DeltaTable()
        for name in ["b", "a", "d", "c"] {
            put(WholeZnode(node: .empty, name: Array(name.utf8), data: nil), into: &table)
            put(WholeZnode(node: .empty, name: Array(name.utf8), data: nil, parent: NodeID(rawValue: 2)), into: &table)
        }
        base.writeCheckpoint(Delta(table, meta: MetaRow()))
        let reader = base.makeReader()
        func list(after name: String, limit: Int = 9) throws -> String {
            var found = ""
            try reader.forEachChild(of: .root, after: Array(name.utf8).span.bytes) { name, _ throws(StorageFault) in
                found += String(decoding: [UInt8](copying: name), as: UTF8.self)
                return found.count < limit
            }
            return found
        }
        #expect(try list(after: "") == "abcd")
        #expect(try list(after: "b") == "cd")
        #expect(try list(after: "bb") == "cd")
        #expect(try list(after: "d") == "")
        #expect(try list(after: "", limit: 2) == "ab")
    }

    @Test("damage and injected faults are faults, never answers")
    func faults() throws {
        let base = ModelZnodeBase()
        let whole = WholeZnode(node: .empty, name: [97], data: nil)
        var table = DeltaTable()
        put(whole, into: &table)
        base.writeCheckpoint(Delta(table, meta: MetaRow()))
        base.readsBeforeFault = 1
        let reader = base.makeReader()
        #expect(try read(reader, whole) != nil)
        #expect(throws: StorageFault.self) { try read(reader, whole) }
        base.readsBeforeFault = nil
        base.damage(rowAt: 0, flippingBitOf: 9)
        #expect(throws: StorageFault.self) { try read(base.makeReader(), whole) }
    }

    @Test("the last change of a system row counts, and they come in key order")
    func systemRows() {
        let base = ModelZnodeBase()
        var table = DeltaTable()
        var model: [[UInt8]: [UInt8]] = [:]
        var random = SplitMix64(seed: 24)
        for _ in 0..<2 {
            for _ in 0..<400 {
                let key = [UInt8].random(count: Int.random(in: 1...3, using: &random), using: &random).map { $0 & 7 }
                let value = [UInt8].random(count: Int.random(in: 1...9, using: &random), using: &random)
                if Int.random(in: 0..<3, using: &random) == 0 {
                    table.systemRows.remove(key.span.bytes)
                    model[key] = nil
                } else {
                    table.systemRows.put(key.span.bytes, value.span.bytes)
                    model[key] = value
                }
            }
            var full = DeltaTable()
            swap(&full, &table)
            base.writeCheckpoint(Delta(full, meta: MetaRow()))
            let expected = model.keys.sorted { $0.lexicographicallyPrecedes($1) }
            #expect(base.systemRows.map(\.key) == expected)
            #expect(base.systemRows.map(\.value) == expected.map { model[$0] })
        }
    }
}
