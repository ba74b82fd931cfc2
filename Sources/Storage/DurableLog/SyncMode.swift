internal import PosixIO

/// How a group is made durable.
package enum SyncMode: String, Sendable, CaseIterable {
    /// `O_DIRECT | O_DSYNC`: past the page cache, one call.
    case direct = "O_DIRECT|O_DSYNC"
    /// `O_DSYNC`: through the page cache, one call.
    case dataSync = "O_DSYNC"
    /// A write, then `fdatasync`.
    case syncCall = "fdatasync"
    /// Not at all: what was acknowledged is lost with the machine. For comparison only.
    case unsafeNoSync = "UNSAFE: no sync"

    var fileOptions: FileOptions {
        switch self {
        case .direct: [.write, .direct, .dataSync]
        case .dataSync: [.write, .dataSync]
        case .syncCall, .unsafeNoSync: [.write]
        }
    }

    /// Is nothing ever known durable?
    package var isUnsafe: Bool { self == .unsafeNoSync }
}
