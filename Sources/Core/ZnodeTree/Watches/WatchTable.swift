internal import Checksums
package import CoreTypes
package import ZooKeeperWire

/// Who watches what, on this replica. Lives beside the tree and is not replicated: a client sets its watches again when
/// it comes to another replica.
///
/// Which event reaches which watch is ZooKeeper's rule (`WatchManager`, `DataTree`): creation and change of data reach
/// the data watches of the path; deletion reaches its data and child watches, each watcher once; a changed list of
/// children reaches child watches; persistent watches get what both kinds would; recursive ones get all but the lists
/// of children, of the path and of everything below it. Data and child watches are gone once they fire.
///
/// - Complexity: registering and firing are O(1) in the number of watches, plus those that fire; with recursive watches
///   firing looks at each ancestor. When there are none, firing costs one comparison.
package struct WatchTable: Sendable {
    /// Where the set of a path lies in `sets`.
    private var paths = HashTable<[UInt8], Int>()
    private var sets: [WatchSet] = []
    private var freeSets: [Int] = []
    /// The sets that a watcher may stand in, and how many watches it has.
    private var watchers = HashTable<AttachmentID, WatcherEntry>()

    /// Watches in all: each watcher counts once for each path and kind.
    package private(set) var count = 0
    private var recursiveCount = 0

    private struct WatcherEntry: Sendable {
        /// May hold sets that the watcher no longer stands in, and sets twice: cleaned when twice as long as need be.
        var sets: [Int] = []
        var count = 0
    }

    package init() {}

    package var isEmpty: Bool { count == 0 }

    /// Paths that are watched.
    package var pathCount: Int { paths.count }

    /// Attachments that watch something.
    package var watcherCount: Int { watchers.count }

    /// Watches of one attachment.
    package func count(of watcher: AttachmentID) -> Int {
        watchers.value(hash: hash(watcher), matches: { $0 == watcher })?.count ?? 0
    }

    /// Sets a watch; one that is set already stays as it is.
    package mutating func add(_ watcher: AttachmentID, _ kind: WatchKind, path: RawSpan) {
        let set = setIndex(of: path) ?? makeSet(path)
        guard sets[set].insert(watcher, kind) else { return }
        count += 1
        if kind == .persistentRecursive { recursiveCount += 1 }
        note(watcher, in: set)
    }

    /// Whether a watch of this kind is set.
    package func contains(_ watcher: AttachmentID, _ type: WatcherType, path: RawSpan) -> Bool {
        guard let set = setIndex(of: path) else { return false }
        return WatchTable.kinds(of: type).contains { sets[set].contains(watcher, $0) }
    }

    /// Takes back watches of a path; false if there were none.
    package mutating func remove(_ watcher: AttachmentID, _ type: WatcherType, path: RawSpan) -> Bool {
        guard let set = setIndex(of: path) else { return false }
        var isRemoved = false
        for kind in WatchTable.kinds(of: type) where sets[set].remove(watcher, kind) {
            forget(watcher, kind)
            isRemoved = true
        }
        dropIfEmpty(set)
        return isRemoved
    }

    /// Takes back all watches of an attachment: its connection is gone.
    package mutating func removeAll(of watcher: AttachmentID) {
        guard let entry = watchers.remove(hash: hash(watcher), matches: { $0 == watcher }) else { return }
        for set in entry.sets {
            for kind in WatchKind.allCases where sets[set].remove(watcher, kind) {
                count -= 1
                if kind == .persistentRecursive { recursiveCount -= 1 }
            }
            dropIfEmpty(set)
        }
    }

    /// Finds who is to hear of an event, and takes out the watches that fire only once.
    ///
    /// - Parameter fired: takes the watchers; its former contents are gone.
    package mutating func fire(_ type: WatchEventType, path: RawSpan, into fired: inout FiredWatches) {
        fired.removeAll()
        guard count > 0 else { return }
        if let set = setIndex(of: path) {
            switch type {
            case .nodeCreated, .nodeDataChanged:
                take(.data, of: set, into: &fired)
            case .nodeDeleted:
                take(.data, of: set, into: &fired)
                take(.child, of: set, into: &fired)
            case .nodeChildrenChanged:
                take(.child, of: set, into: &fired)
            case .none, .dataWatchRemoved, .childWatchRemoved, .persistentWatchRemoved:
                return
            }
            fired.add(sets[set].persistent)
            dropIfEmpty(set)
        }
        if recursiveCount > 0 && type != .nodeChildrenChanged { addRecursive(above: path, into: &fired) }
        fired.settle()
    }

    /// Calls `body` with every path and who watches it, in any way.
    package func forEachPath(_ body: (_ path: [UInt8], _ watchers: [AttachmentID]) -> Void) {
        paths.forEach { path, set in
            var fired = FiredWatches()
            for kind in WatchKind.allCases { fired.add(sets[set][kind]) }
            fired.settle()
            body(path, fired.watchers)
        }
    }

    // MARK: Inside

    private static func kinds(of type: WatcherType) -> [WatchKind] {
        switch type {
        case .children: [.child]
        case .data: [.data]
        case .persistent: [.persistent]
        case .persistentRecursive: [.persistentRecursive]
        case .any: WatchKind.allCases
        }
    }

    private func hash(_ watcher: AttachmentID) -> UInt64 { mixedBits(watcher.rawValue) }

    private func setIndex(of path: RawSpan) -> Int? {
        // A span cannot be captured: the comparison is written out where it can be borrowed.
        paths.value(hash: hash64(path), equalTo: path)
    }

    private mutating func makeSet(_ path: RawSpan) -> Int {
        let bytes = [UInt8](copying: path)
        let index: Int
        if let free = freeSets.popLast() {
            index = free
            sets[index] = WatchSet(path: bytes)
        } else {
            index = sets.count
            sets.append(WatchSet(path: bytes))
        }
        paths.insert(hash: hash64(path), key: bytes, value: index)
        return index
    }

    private mutating func dropIfEmpty(_ set: Int) {
        guard sets[set].isEmpty, !sets[set].path.isEmpty else { return }
        let path = sets[set].path
        unsafe paths.remove(hash: hash64(path.span.bytes), matches: { $0 == path })
        sets[set] = WatchSet(path: [])
        freeSets.append(set)
    }

    private mutating func take(_ kind: WatchKind, of set: Int, into fired: inout FiredWatches) {
        let list = sets[set][kind]
        guard !list.isEmpty else { return }
        fired.add(list)
        sets[set][kind] = []
        for watcher in list { forget(watcher, kind) }
    }

    private func addRecursive(above path: RawSpan, into fired: inout FiredWatches) {
        var end = path.byteCount
        while end > 0 {
            if let set = setIndex(of: path.extracting(0..<end)) { fired.add(sets[set].recursive) }
            if end == 1 { return }
            end = WatchTable.parentByteCount(path, end)
        }
    }

    /// Bytes of the path above the first `end` bytes of a path: 1 for "/".
    private static func parentByteCount(_ path: RawSpan, _ end: Int) -> Int {
        var index = end - 1
        while index > 0, unsafe path.unsafeLoad(fromByteOffset: index, as: UInt8.self) != UInt8(ascii: "/") {
            index -= 1
        }
        return max(index, 1)
    }

    private mutating func note(_ watcher: AttachmentID, in set: Int) {
        let isKnown = watchers.update(hash: hash(watcher), matches: { $0 == watcher }) { entry in
            entry.count += 1
            entry.sets.append(set)
            if entry.sets.count > 2 * entry.count + 16 { WatchTable.clean(&entry.sets, watcher, sets) }
        }
        if !isKnown {
            watchers.insert(hash: hash(watcher), key: watcher, value: WatcherEntry(sets: [set], count: 1))
        }
    }

    /// Leaves each set once, and only those in which the watcher stands.
    private static func clean(_ list: inout [Int], _ watcher: AttachmentID, _ sets: [WatchSet]) {
        list.sort()
        var kept: [Int] = []
        for index in list where kept.last != index {
            if WatchKind.allCases.contains(where: { sets[index].contains(watcher, $0) }) { kept.append(index) }
        }
        list = kept
    }

    private mutating func forget(_ watcher: AttachmentID, _ kind: WatchKind) {
        count -= 1
        if kind == .persistentRecursive { recursiveCount -= 1 }
        var isLast = false
        watchers.update(hash: hash(watcher), matches: { $0 == watcher }) { entry in
            entry.count -= 1
            isLast = entry.count == 0
        }
        if isLast { watchers.remove(hash: hash(watcher), matches: { $0 == watcher }) }
    }
}

extension HashTable where Key == [UInt8] {
    /// The value whose key has these bytes.
    func value(hash: UInt64, equalTo bytes: RawSpan) -> Value? {
        unsafe bytes.withUnsafeBytes { pointer in
            value(hash: hash) { key in
                unsafe key.count == pointer.count && key.withUnsafeBytes { unsafe $0.elementsEqual(pointer) }
            }
        }
    }
}
