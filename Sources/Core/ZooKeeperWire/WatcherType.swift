/// Which watches checkWatches and removeWatches mean. Source: `Watcher.WatcherType`.
package enum WatcherType: Int32, Sendable {
    case children = 1
    case data = 2
    case any = 3
    case persistent = 4
    case persistentRecursive = 5
}
