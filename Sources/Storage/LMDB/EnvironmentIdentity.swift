internal import CLMDB
internal import Synchronization

/// Which data file an environment is, whatever the path says: its directory's device and inode, and its name there.
struct EnvironmentIdentity: Hashable, Sendable {
    private var device: UInt64
    private var inode: UInt64
    private var name: String

    /// Every environment this process has open.
    private static let entered = Mutex<[EnvironmentIdentity]>([])

    init(of path: String) throws(LMDBError) {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        (device, inode, _) = try Self.status(of: directory, reportedAs: path)
    }

    /// Device, inode and size of a file or directory.
    static func status(of path: String, reportedAs reported: String) throws(LMDBError) -> (UInt64, UInt64, UInt64) {
        var device: UInt64 = 0
        var inode: UInt64 = 0
        var byteCount: UInt64 = 0
        try check(unsafe aviary_lmdb_identity(path, &device, &inode, &byteCount), "look up \(path)", reported)
        return (device, inode, byteCount)
    }

    /// Notes that the environment is being opened; false when it is open already.
    static func enter(_ identity: EnvironmentIdentity) -> Bool {
        entered.withLock { open in
            guard !open.contains(identity) else { return false }
            open.append(identity)
            return true
        }
    }

    static func contains(_ identity: EnvironmentIdentity) -> Bool { entered.withLock { $0.contains(identity) } }

    static func leave(_ identity: EnvironmentIdentity) {
        entered.withLock { open in open.removeAll { $0 == identity } }
    }
}

/// Throws what a return code of LMDB means, unless it means success.
func check(_ code: Int32, _ operation: @autoclosure () -> String, _ path: String) throws(LMDBError) {
    if code != 0 { throw LMDBError(code: code, operation(), path: path) }
}
