import CoreTypes

/// Gives paths numbers, in the order in which they are first named. Parents are numbered before their children.
package struct PathTable: Sendable {
    private struct Entry: Sendable {
        var text: String
        /// `none` for the root.
        var parent: PathID
        var hash: UInt64
    }

    private var entries: [Entry] = []
    private var numbers = HashTable<String, PathID>()

    package init() { add("/", parent: .none) }

    package var count: Int { entries.count }

    package func text(of path: PathID) -> String { path == .none ? "(none)" : entries[path.index].text }

    /// The path above; `none` for the root.
    package func parent(of path: PathID) -> PathID { entries[path.index].parent }

    /// What a child adds to the digest of a list of children: see `ActionResult.childrenDigest`.
    package func digest(of path: PathID) -> UInt64 { entries[path.index].hash }

    /// The number of a path, given out now if it has none.
    package mutating func number(of text: String) -> PathID {
        if let known = find(text) { return known }
        invariant(text.hasPrefix("/"), "\(text) is no path")
        let slash = text.lastIndex(of: "/") ?? text.startIndex
        let parent = slash == text.startIndex ? "/" : String(text[..<slash])
        let above = number(of: parent)
        return add(text, parent: above)
    }

    /// The number of a path; nil if it has none.
    package func find(_ text: String) -> PathID? {
        numbers.value(hash: PathTable.hash(text), matches: { $0 == text })
    }

    @discardableResult
    private mutating func add(_ text: String, parent: PathID) -> PathID {
        let path = PathID(rawValue: UInt32(entries.count))
        let hash = PathTable.hash(text)
        entries.append(Entry(text: text, parent: parent, hash: hash))
        numbers.insert(hash: hash, key: text, value: path)
        return path
    }

    /// The same in every process: FNV-1a, its bits mixed.
    package static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return mixedBits(hash)
    }
}
