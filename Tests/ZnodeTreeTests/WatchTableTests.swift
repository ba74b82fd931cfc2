import CoreTypes
import Testing
import ZooKeeperWire

@testable import ZnodeTree

@Suite("Watches")
struct WatchTableTests {
    private func add(_ table: inout WatchTable, _ watcher: UInt64, _ kind: WatchKind, _ path: String) {
        let bytes = Array(path.utf8)
        table.add(AttachmentID(rawValue: watcher), kind, path: bytes.span.bytes)
    }

    private func fire(_ table: inout WatchTable, _ type: WatchEventType, _ path: String) -> [UInt64] {
        let bytes = Array(path.utf8)
        var fired = FiredWatches()
        table.fire(type, path: bytes.span.bytes, into: &fired)
        return fired.watchers.map(\.rawValue)
    }

    private func remove(_ table: inout WatchTable, _ watcher: UInt64, _ type: WatcherType, _ path: String) -> Bool {
        let bytes = Array(path.utf8)
        return table.remove(AttachmentID(rawValue: watcher), type, path: bytes.span.bytes)
    }

    /// Which events a watch on "/a" hears of, by the path they happen at. From ZooKeeper's rules.
    struct Row: Sendable {
        var kind: WatchKind
        var type: WatchEventType
        var path: String
        var isHeard: Bool
    }

    static let rows: [Row] = [
        Row(kind: .data, type: .nodeCreated, path: "/a", isHeard: true),
        Row(kind: .data, type: .nodeDataChanged, path: "/a", isHeard: true),
        Row(kind: .data, type: .nodeDeleted, path: "/a", isHeard: true),
        Row(kind: .data, type: .nodeChildrenChanged, path: "/a", isHeard: false),
        Row(kind: .data, type: .nodeDataChanged, path: "/a/b", isHeard: false),
        Row(kind: .child, type: .nodeCreated, path: "/a", isHeard: false),
        Row(kind: .child, type: .nodeDataChanged, path: "/a", isHeard: false),
        Row(kind: .child, type: .nodeDeleted, path: "/a", isHeard: true),
        Row(kind: .child, type: .nodeChildrenChanged, path: "/a", isHeard: true),
        Row(kind: .child, type: .nodeChildrenChanged, path: "/a/b", isHeard: false),
        Row(kind: .persistent, type: .nodeCreated, path: "/a", isHeard: true),
        Row(kind: .persistent, type: .nodeDataChanged, path: "/a", isHeard: true),
        Row(kind: .persistent, type: .nodeDeleted, path: "/a", isHeard: true),
        Row(kind: .persistent, type: .nodeChildrenChanged, path: "/a", isHeard: true),
        Row(kind: .persistent, type: .nodeDataChanged, path: "/a/b", isHeard: false),
        Row(kind: .persistentRecursive, type: .nodeCreated, path: "/a", isHeard: true),
        Row(kind: .persistentRecursive, type: .nodeDataChanged, path: "/a/b/c", isHeard: true),
        Row(kind: .persistentRecursive, type: .nodeDeleted, path: "/a/b", isHeard: true),
        Row(kind: .persistentRecursive, type: .nodeChildrenChanged, path: "/a", isHeard: false),
        Row(kind: .persistentRecursive, type: .nodeDataChanged, path: "/ab", isHeard: false),
        Row(kind: .persistentRecursive, type: .nodeDataChanged, path: "/", isHeard: false),
    ]

    @Test("each kind of watch hears of what ZooKeeper's does, and one-shot watches do so once", arguments: rows)
    func rules(row: Row) {
        var table = WatchTable()
        add(&table, 7, row.kind, "/a")
        #expect(fire(&table, row.type, row.path) == (row.isHeard ? [7] : []))
        let isOneShot = row.kind == .data || row.kind == .child
        #expect(table.count == (isOneShot && row.isHeard ? 0 : 1))
        #expect(table.isEmpty == (table.count == 0))
        #expect(table.pathCount == table.count)
        #expect(table.watcherCount == table.count)
        #expect(fire(&table, row.type, row.path) == (row.isHeard && !isOneShot ? [7] : []))
    }

    @Test("who watches a path in several ways hears of an event once, and watchers come in order")
    func once() {
        var table = WatchTable()
        for kind in WatchKind.allCases { add(&table, 9, kind, "/a") }
        add(&table, 3, .child, "/a")
        add(&table, 5, .persistentRecursive, "/")
        #expect(table.count == 6)
        #expect(fire(&table, .nodeDeleted, "/a") == [3, 5, 9])
        #expect(table.count == 3)
        #expect(fire(&table, .nodeCreated, "/a") == [5, 9])
    }

    @Test("a watch that is set twice is one watch")
    func twice() {
        var table = WatchTable()
        add(&table, 1, .data, "/a")
        add(&table, 1, .data, "/a")
        #expect(table.count == 1)
        #expect(table.count(of: AttachmentID(rawValue: 1)) == 1)
        #expect(fire(&table, .nodeDataChanged, "/a") == [1])
        #expect(table.isEmpty)
    }

    @Test("watches are removed by type, and removing none says so")
    func removal() {
        var table = WatchTable()
        for kind in WatchKind.allCases { add(&table, 1, kind, "/a") }
        #expect(remove(&table, 1, .data, "/a"))
        #expect(!remove(&table, 1, .data, "/a"))
        #expect(!remove(&table, 2, .any, "/a"))
        #expect(!remove(&table, 1, .any, "/b"))
        #expect(table.count == 3)
        #expect(remove(&table, 1, .any, "/a"))
        #expect(table.isEmpty)
        #expect(table.pathCount == 0)
    }

    @Test("a table and a plain list agree over random steps", arguments: [UInt64](1...6))
    func againstList(seed: UInt64) {
        struct Watch: Hashable {
            var watcher: UInt64
            var kind: WatchKind
            var path: String
        }
        var generator = SplitMix64(seed: seed)
        var table = WatchTable()
        var expected: Set<Watch> = []
        let paths = ["/", "/a", "/a/b", "/a/b/c", "/ab", "/c"]
        for step in 0..<3_000 {
            let path = paths.randomElement(using: &generator) ?? "/"
            let watcher = UInt64.random(in: 1...5, using: &generator)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<6:
                let kind = WatchKind.allCases.randomElement(using: &generator) ?? .data
                add(&table, watcher, kind, path)
                expected.insert(Watch(watcher: watcher, kind: kind, path: path))
            case 6..<9:
                let type =
                    [WatchEventType.nodeCreated, .nodeDeleted, .nodeDataChanged, .nodeChildrenChanged]
                    .randomElement(using: &generator) ?? .nodeCreated
                let heard = expected.filter { watch in
                    switch watch.kind {
                    case .data: watch.path == path && type != .nodeChildrenChanged
                    case .child: watch.path == path && (type == .nodeChildrenChanged || type == .nodeDeleted)
                    case .persistent: watch.path == path
                    case .persistentRecursive:
                        type != .nodeChildrenChanged
                            && (watch.path == "/" || path == watch.path || path.hasPrefix(watch.path + "/"))
                    }
                }
                #expect(
                    fire(&table, type, path) == Set(heard.map(\.watcher)).sorted(), "seed \(seed) step \(step)")
                expected.subtract(heard.filter { $0.kind == .data || $0.kind == .child })
            default:
                table.removeAll(of: AttachmentID(rawValue: watcher))
                expected = expected.filter { $0.watcher != watcher }
            }
            #expect(table.count == expected.count, "seed \(seed) step \(step)")
            #expect(table.pathCount == Set(expected.map(\.path)).count)
            #expect(table.watcherCount == Set(expected.map(\.watcher)).count)
        }
    }

    @Test("a watch set again after an absence fires if it missed something")
    func rearming() {
        #expect(WatchRearming.data(mzxid: nil, relativeZxid: 5) == .fire(.nodeDeleted))
        #expect(WatchRearming.data(mzxid: 6, relativeZxid: 5) == .fire(.nodeDataChanged))
        #expect(WatchRearming.data(mzxid: 5, relativeZxid: 5) == .arm)
        #expect(WatchRearming.exist(isThere: true) == .fire(.nodeCreated))
        #expect(WatchRearming.exist(isThere: false) == .arm)
        #expect(WatchRearming.child(pzxid: nil, relativeZxid: 5) == .fire(.nodeDeleted))
        #expect(WatchRearming.child(pzxid: 6, relativeZxid: 5) == .fire(.nodeChildrenChanged))
        #expect(WatchRearming.child(pzxid: 5, relativeZxid: 5) == .arm)
    }
}
