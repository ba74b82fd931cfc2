/// Which kind of watch addWatch sets. Source: `AddWatchMode`.
package enum AddWatchMode: Int32, Sendable {
    case persistent = 0
    case persistentRecursive = 1
}
