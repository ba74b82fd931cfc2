import CoreTypes
import ZooKeeperWire

/// The contract of the store without a disk: rows in sorted arrays. For tests and simulation.
///
/// A checkpoint makes a new state from the old one and the delta, so readers keep theirs until they are renewed.
// One thread at a time uses it and its readers: that of the test, or of the simulator.
package final class ModelZnodeBase: ZnodeBase, @unchecked Sendable {
    /// Rows sorted by key, never changed.
    final class State {
        let rows: [Row]
        let systemRows: [Row]
        /// Large data by node id, sorted.
        let largeData: [(node: NodeID, bytes: [UInt8])]

        init(rows: [Row], systemRows: [Row], largeData: [(node: NodeID, bytes: [UInt8])]) {
            self.rows = rows
            self.systemRows = systemRows
            self.largeData = largeData
        }

        /// The place of the first row whose key is not below `key`.
        func lowerBound(_ rows: [Row], _ key: [UInt8]) -> Int {
            var low = 0
            var high = rows.count
            while low < high {
                let middle = (low + high) / 2
                if rows[middle].key.lexicographicallyPrecedes(key) { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    /// A key and its value.
    package struct Row: Equatable, Sendable {
        package var key: [UInt8]
        package var value: [UInt8]

        package init(key: [UInt8], value: [UInt8]) {
            self.key = key
            self.value = value
        }
    }

    private(set) var state = State(rows: [], systemRows: [], largeData: [])

    /// Reads left before the next one throws a fault; nil for never. For tests of what a fault leaves.
    package var readsBeforeFault: Int?

    package init() {}

    /// A base of rows that are sorted by key.
    package convenience init(
        rows: [Row], systemRows: [Row], largeData: [(node: NodeID, bytes: [UInt8])]
    ) {
        self.init()
        state = State(rows: rows, systemRows: systemRows, largeData: largeData)
    }

    /// Takes the rows of another base in place of its own; readers keep what they have until they are renewed.
    package func replace(with other: ModelZnodeBase) { state = other.state }

    /// A base with the same rows, which goes its own way from here on.
    package func copy() -> ModelZnodeBase {
        let base = ModelZnodeBase()
        base.state = state
        return base
    }

    package func makeReader() -> any ZnodeBaseReader { ModelZnodeBaseReader(self) }

    /// All rows of znodes in key order.
    package var rows: [Row] { state.rows }

    /// All system rows in key order.
    package var systemRows: [Row] { state.systemRows }

    /// Data outside of the rows, by node.
    package var largeData: [(node: NodeID, bytes: [UInt8])] { state.largeData }

    /// How many znodes have data outside of their row.
    package var largeDataCount: Int { state.largeData.count }

    /// Replaces the value of a row by other bytes, to see that damage is noticed.
    package func damage(rowAt index: Int, flippingBitOf offset: Int) {
        var rows = state.rows
        rows[index].value[offset] ^= 1
        state = State(rows: rows, systemRows: state.systemRows, largeData: state.largeData)
    }

    /// Takes a row away, to see that a list notices it.
    package func removeRow(at index: Int) {
        var rows = state.rows
        rows.remove(at: index)
        state = State(rows: rows, systemRows: state.systemRows, largeData: state.largeData)
    }

    /// Takes a system row away, to see that it is missed.
    package func removeSystemRow(_ key: [UInt8]) {
        state = State(
            rows: state.rows, systemRows: state.systemRows.filter { $0.key != key }, largeData: state.largeData)
    }

    /// Moves a frozen delta into the base, whole.
    package func writeCheckpoint(_ delta: Delta) {
        var changes: [(key: [UInt8], value: [UInt8]?)] = []
        var largeData = state.largeData
        delta.forEachRow { row in
            let key = [UInt8](copying: row.key)
            dropLargeData(below: key, row.node, row.largeDataChange, from: &largeData)
            if row.largeDataChange == .replaced {
                largeData.append((row.node, [UInt8](copying: row.largeData)))
            }
            changes.append((key, row.isRemoved ? nil : [UInt8](copying: row.value)))
        }
        largeData.sort { $0.node < $1.node }
        var systemChanges: [(key: [UInt8], value: [UInt8]?)] = []
        delta.forEachSystemRow { key, value, isRemoved in
            systemChanges.append(([UInt8](copying: key), isRemoved ? nil : [UInt8](copying: value)))
        }
        state = State(
            rows: ModelZnodeBase.merge(state.rows, changes),
            systemRows: ModelZnodeBase.merge(state.systemRows, systemChanges), largeData: largeData)
    }

    /// Removes the large data of the row that a change replaces, unless the change keeps it.
    private func dropLargeData(
        below key: [UInt8], _ node: NodeID, _ change: DeltaRow.LargeData,
        from largeData: inout [(node: NodeID, bytes: [UInt8])]
    ) {
        let index = state.lowerBound(state.rows, key)
        guard index < state.rows.count, state.rows[index].key == key else { return }
        let value = state.rows[index].value
        guard let old = unsafe try? ZnodeRow.peek(value: value.span.bytes), old.largeData != nil else { return }
        if change == .unchanged {
            invariant(old.id == node, "unchanged large data belongs to another znode")
            return
        }
        largeData.removeAll { $0.node == old.id }
    }

    /// Rows and changes, both sorted, become rows.
    private static func merge(_ rows: [Row], _ changes: [(key: [UInt8], value: [UInt8]?)]) -> [Row] {
        var merged: [Row] = []
        merged.reserveCapacity(rows.count + changes.count)
        var next = 0
        for change in changes {
            while next < rows.count, rows[next].key.lexicographicallyPrecedes(change.key) {
                merged.append(rows[next])
                next += 1
            }
            if next < rows.count, rows[next].key == change.key { next += 1 }
            if let value = change.value { merged.append(Row(key: change.key, value: value)) }
        }
        merged.append(contentsOf: rows[next...])
        return merged
    }
}
