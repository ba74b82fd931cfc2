internal import Checksums
internal import CoreTypes
internal import ZnodeTree

/// Finds the parents whose children are not the ones they name, once `FamilySums` has shown that there are some.
///
/// Goes through all rows twice for every million of parents, so that memory stays bounded.
struct FamilySearch {
    /// Families of consecutive parents, ascending, and whether a row claims them.
    private var families: [(family: FamilySums.Family, isClaimed: Bool)] = []
    private let path: String
    private let buffer = ZnodeBuffer()

    private static let familyCountMax = 1_000_000

    /// What is wrong, one finding for each parent.
    static func run(_ view: borrowing StoreView) throws(StorageFault) -> [StorageFault] {
        var findings: [StorageFault] = []
        var start: NodeID? = .root
        while let first = start {
            var search = FamilySearch(path: view.path)
            let next = try search.collect(view, from: first)
            findings += try search.compare(view, from: first, to: next)
            start = next
        }
        return findings
    }

    private init(path: String) { self.path = path }

    /// Counts the families of the next parents; returns the first parent that was left for later.
    private mutating func collect(
        _ view: borrowing StoreView, from first: NodeID
    ) throws(StorageFault) -> NodeID? {
        let start = ByteBuilder(capacity: 8)
        ZnodeKey.append(parent: first, keyName: RawSpan(), to: start)
        var next: NodeID?
        try view.forEachRow(view.databases.nodes, "nodes", from: start.bytes) { key, value throws(StorageFault) in
            guard let parent = ZnodeKey.parent(of: key) else { return true }
            if families.last?.family.parent != parent {
                guard families.count < Self.familyCountMax else {
                    next = parent
                    return false
                }
                families.append((FamilySums.Family(parent: parent), false))
            }
            families[families.count - 1].family.count += 1
            families[families.count - 1].family.namesDigest &+= try nameHash(key, value)
            return true
        }
        return next
    }

    private func nameHash(_ key: RawSpan, _ value: RawSpan) throws(StorageFault) -> UInt64 {
        try decode(key, value)
        let buffer = buffer
        let longName = buffer.longName
        return longName.byteCount > 0 ? hash64(longName) : hash64(key.extracting(8..<key.byteCount))
    }

    private func decode(_ key: RawSpan, _ value: RawSpan) throws(StorageFault) {
        do throws(RowError) {
            try ZnodeRow.decode(key: key, value: value, into: buffer)
        } catch {
            throw StorageFault(error.description, path, "nodes", key: key)
        }
    }

    /// Compares what rows say with the families of parents from `first` up to `end`.
    private mutating func compare(
        _ view: borrowing StoreView, from first: NodeID, to end: NodeID?
    ) throws(StorageFault) -> [StorageFault] {
        var findings: [StorageFault] = []
        try view.forEachRow(view.databases.nodes, "nodes", from: RawSpan()) { key, value throws(StorageFault) in
            try decode(key, value)
            let node = buffer.node
            guard node.id >= first, end.map({ node.id < $0 }) ?? true else { return true }
            let index = index(of: node.id)
            let found = index.map { families[$0].family } ?? FamilySums.Family(parent: node.id)
            if let index { families[index].isClaimed = true }
            if found.count != UInt64(node.childCount) {
                let what = "the znode has \(found.count) children where its row counts \(node.childCount)"
                findings.append(StorageFault(what, path, "nodes", key: key))
            } else if found.namesDigest != node.childNamesDigest {
                findings.append(
                    StorageFault("the names of the znode's children are not those it had", path, "nodes", key: key))
            }
            return findings.count < 100
        }
        for entry in families where !entry.isClaimed {
            let what =
                "\(entry.family.count) znodes have a parent, number \(entry.family.parent.rawValue), that is not there"
            findings.append(StorageFault(what, at: "\(path), nodes", remedy: StoreError.rebuildRemedy))
        }
        return findings
    }

    private func index(of parent: NodeID) -> Int? {
        var low = 0
        var high = families.count
        while low < high {
            let middle = (low + high) / 2
            if families[middle].family.parent < parent { low = middle + 1 } else { high = middle }
        }
        return low < families.count && families[low].family.parent == parent ? low : nil
    }
}
