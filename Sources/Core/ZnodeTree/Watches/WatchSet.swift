internal import CoreTypes

/// The watchers of one path, by kind. Each list is sorted and holds a watcher once.
struct WatchSet: Sendable {
    var path: [UInt8]
    var data: [AttachmentID] = []
    var child: [AttachmentID] = []
    var persistent: [AttachmentID] = []
    var recursive: [AttachmentID] = []

    var isEmpty: Bool { data.isEmpty && child.isEmpty && persistent.isEmpty && recursive.isEmpty }

    func contains(_ watcher: AttachmentID, _ kind: WatchKind) -> Bool {
        let list = self[kind]
        let index = WatchSet.position(of: watcher, in: list)
        return index < list.count && list[index] == watcher
    }

    /// Adds a watcher; false if it is there already.
    mutating func insert(_ watcher: AttachmentID, _ kind: WatchKind) -> Bool {
        let index = WatchSet.position(of: watcher, in: self[kind])
        if index < self[kind].count, self[kind][index] == watcher { return false }
        self[kind].insert(watcher, at: index)
        return true
    }

    /// Takes a watcher out; false if it is not there.
    mutating func remove(_ watcher: AttachmentID, _ kind: WatchKind) -> Bool {
        let index = WatchSet.position(of: watcher, in: self[kind])
        guard index < self[kind].count, self[kind][index] == watcher else { return false }
        self[kind].remove(at: index)
        return true
    }

    subscript(kind: WatchKind) -> [AttachmentID] {
        get {
            switch kind {
            case .data: data
            case .child: child
            case .persistent: persistent
            case .persistentRecursive: recursive
            }
        }
        _modify {
            switch kind {
            case .data: yield &data
            case .child: yield &child
            case .persistent: yield &persistent
            case .persistentRecursive: yield &recursive
            }
        }
    }

    /// Where a watcher stands in a sorted list, or would stand. New attachments are the highest, so the end comes first.
    private static func position(of watcher: AttachmentID, in list: [AttachmentID]) -> Int {
        guard let last = list.last, last >= watcher else { return list.count }
        var low = 0
        var high = list.count
        while low < high {
            let middle = (low + high) / 2
            if list[middle] < watcher { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
