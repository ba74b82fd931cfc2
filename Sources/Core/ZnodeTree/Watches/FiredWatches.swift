package import CoreTypes

/// Who is to hear of an event; made to be used again and again.
package struct FiredWatches: Sendable {
    /// Sorted, each once.
    package internal(set) var watchers: [AttachmentID] = []

    package init() {}

    package var isEmpty: Bool { watchers.isEmpty }

    mutating func removeAll() { watchers.removeAll(keepingCapacity: true) }

    mutating func add(_ more: [AttachmentID]) { watchers.append(contentsOf: more) }

    /// Sorts, and leaves each watcher once: who watches a path in several ways hears of an event once.
    mutating func settle() {
        guard watchers.count > 1 else { return }
        watchers.sort()
        var kept = 1
        for index in 1..<watchers.count where watchers[index] != watchers[kept - 1] {
            watchers[kept] = watchers[index]
            kept += 1
        }
        watchers.removeLast(watchers.count - kept)
    }
}
