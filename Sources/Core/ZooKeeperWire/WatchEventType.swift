/// What a watch event tells. Source: `Watcher.Event.EventType`.
package enum WatchEventType: Int32, Sendable {
    case none = -1
    case nodeCreated = 1
    case nodeDeleted = 2
    case nodeDataChanged = 3
    case nodeChildrenChanged = 4
    /// 5 to 7 are made by client libraries and never sent.
    case dataWatchRemoved = 5
    case childWatchRemoved = 6
    case persistentWatchRemoved = 7
}
