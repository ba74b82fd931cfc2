/// The kinds of call that a file system answers: named in errors, counted by recorders, failed by injection.
package enum FileOperation: String, Hashable, Sendable, CaseIterable {
    case open
    case create
    case read
    case write
    case sync
    case byteCount = "measure"
    case resize
    case allocate
    case createDirectory = "create directory"
    case list
    case rename
    case remove
    case exists = "look for"
    case syncDirectory = "sync directory"
    case lock
    case freeByteCount = "measure the free space of"
}
