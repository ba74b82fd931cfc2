import CoreTypes

/// A frozen delta: the znodes and system rows changed between two checkpoints, never to be changed again.
///
/// All values are absolute, so that writing a delta twice is the same as writing it once.
// Nothing of it changes after `init`, so any number of threads may read it.
package final class Delta: @unchecked Sendable {
    let table: DeltaTable

    /// What the checkpoint stands for: everything up to this slot is in the base once this delta is.
    package let meta: MetaRow

    init(_ table: consuming DeltaTable, meta: MetaRow) {
        self.table = table
        self.meta = meta
    }

    /// Znodes and deletions.
    package var count: Int { table.count }

    /// Memory, about.
    package var byteCount: Int { table.byteCount }

    /// The bytes of a run of this delta's arena.
    @_lifetime(borrow self)
    func bytes(_ run: ByteRun) -> RawSpan { unsafe _overrideLifetime(RawSpan(run), borrowing: self) }

    /// Calls `body` with all rows of znodes in key order, encoded on the fly; the spans are valid during the call only.
    ///
    /// - Complexity: O(n log n) in the number of entries, once for the sort.
    package func forEachRow<Failure: Error>(
        _ body: (borrowing DeltaRow) throws(Failure) -> Void
    ) throws(Failure) {
        let key = ByteBuilder(capacity: ZnodeKey.byteCountMax)
        var scratch = RowScratch()
        let order = sortedIndexes()
        for (position, index) in order.enumerated() {
            approach(order, position)
            let entry = table[index]
            key.removeAll()
            ZnodeKey.append(parent: entry.parent, keyName: bytes(entry.keyName), to: key)
            if entry.isRemoved {
                let none = bytes(.empty)
                try body(
                    DeltaRow(
                        key: key.bytes, value: none, isRemoved: true, node: entry.node.id, largeDataChange: .none,
                        largeData: none))
                continue
            }
            let isLarge = ZnodeRow.isLarge(dataByteCount: Int(entry.node.dataByteCount))
            let checksum = ZnodeRow.encode(
                key: key.bytes, node: entry.node, longName: bytes(entry.longName),
                accessList: bytes(entry.accessList), data: bytes(isLarge ? .empty : entry.data),
                dataHash: entry.dataHash, into: &scratch)
            invariant(
                checksum == entry.checksum, "the row of node \(entry.node.id.rawValue) is not the one in the digest")
            let change: DeltaRow.LargeData =
                !isLarge ? .none : entry.flags.contains(.dataBelow) ? .unchanged : .replaced
            try body(
                DeltaRow(
                    key: key.bytes, value: scratch.bytes, isRemoved: false, node: entry.node.id,
                    largeDataChange: change, largeData: bytes(change == .replaced ? entry.data : .empty)))
        }
    }

    /// Calls `body` with all system rows in key order; the value is empty for a removal. The spans are valid during the
    /// call only.
    package func forEachSystemRow<Failure: Error>(
        _ body: (_ key: RawSpan, _ value: RawSpan, _ isRemoved: Bool) throws(Failure) -> Void
    ) throws(Failure) {
        let entries = table.systemRows.entries
        let order = entries.indices.sorted { left, right in
            Bytes.precedes(bytes(entries[left].key), bytes(entries[right].key))
        }
        for index in order {
            let entry = entries[index]
            try body(bytes(entry.key), bytes(entry.value), entry.isRemoved)
        }
    }

    /// In key order each entry lies somewhere else in memory: what is needed soon is asked for before.
    @inline(__always)
    private func approach(_ order: [DeltaIndex], _ position: Int) {
        let (far, near) = (position + 16, position + 8)
        if far < order.count { table.approach(order[far]) }
        if near < order.count { table.approachBytes(of: order[near]) }
    }

    /// What entries are sorted by: parent, then name, of which this has as much as most names differ in.
    private struct SortKey {
        var parent: UInt64
        var prefix: UInt64
        var afterPrefix: UInt64
        var index: DeltaIndex
    }

    private func sortedIndexes() -> [DeltaIndex] {
        var keys: [SortKey] = []
        keys.reserveCapacity(table.count)
        for number in 0..<table.entryLimit {
            let index = DeltaIndex(rawValue: number)
            if table[index].flags.contains(.free) { continue }
            let name = bytes(table[index].keyName)
            keys.append(
                SortKey(
                    parent: table[index].parent.rawValue, prefix: Bytes.sortingWord(name),
                    afterPrefix: Bytes.sortingWord(name.extracting(droppingFirst: min(8, name.byteCount))), index: index
                ))
        }
        keys.sort { left, right in
            if left.parent != right.parent { return left.parent < right.parent }
            if left.prefix != right.prefix { return left.prefix < right.prefix }
            if left.afterPrefix != right.afterPrefix { return left.afterPrefix < right.afterPrefix }
            return Bytes.precedes(bytes(table[left.index].keyName), bytes(table[right.index].keyName))
        }
        return keys.map(\.index)
    }
}
