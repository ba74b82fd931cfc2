internal import CoreTypes

/// The paths of znodes that somebody may have to delete, by node: in lists, one for each owner, in the order of their
/// creation, which is that of the node ids and so the order in which a checkpoint's rows are loaded.
struct OwnedPathTable {
    /// The znodes of one owner.
    struct List {
        fileprivate var first = -1
        fileprivate var last = -1
    }

    private struct Entry {
        var node: NodeID
        var path: [UInt8]
        var next: Int
        var previous: Int
    }

    private var entries: [Entry] = []
    private var free: [Int] = []
    private var indexes = NumberTable()

    var count: Int { indexes.count }

    /// Adds a znode at the end of its owner's list.
    mutating func append(_ node: NodeID, path: [UInt8], to list: inout List) {
        let entry = Entry(node: node, path: path, next: -1, previous: list.last)
        let index: Int
        if let unused = free.popLast() {
            index = unused
            entries[index] = entry
        } else {
            index = entries.count
            entries.append(entry)
        }
        if list.last >= 0 { entries[list.last].next = index } else { list.first = index }
        list.last = index
        indexes.insert(node.rawValue, index)
    }

    /// Takes a znode out of its owner's list.
    mutating func remove(_ node: NodeID, from list: inout List) {
        guard let index = indexes.remove(node.rawValue) else { return }
        let (next, previous) = (entries[index].next, entries[index].previous)
        if previous >= 0 { entries[previous].next = next } else { list.first = next }
        if next >= 0 { entries[next].previous = previous } else { list.last = previous }
        entries[index].path = []
        free.append(index)
    }

    /// Calls `body` with the znodes of a list in order, until it returns false.
    func forEach(_ list: List, _ body: (_ node: NodeID, _ path: [UInt8]) -> Bool) {
        var index = list.first
        while index >= 0 {
            guard body(entries[index].node, entries[index].path) else { return }
            index = entries[index].next
        }
    }
}
