internal import LMDB
internal import PosixIO
internal import SnapshotFile
internal import SystemPackage
internal import ZnodeTree

/// Why the store could not be opened, written or verified: which file, which key, and what to do next.
package struct StoreError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Kind: Equatable, Sendable {
        /// The disk is full. The state before is whole; the same call succeeds when there is room.
        case outOfSpace
        /// The reserved address space is used up. The state before is whole.
        case mapFull
        /// The system failed to read or write. The state before is whole; the call may be made again.
        case failed
        /// The last write of a commit failed: the state is the one before it or the one after it, whole in either case,
        /// and the store takes no more writes until it is opened again.
        case fenced
        /// Bytes are not the ones that were written.
        case damaged
        /// The snapshot is no snapshot, not whole, or contradicts itself.
        case damagedSnapshot
        /// Written by a newer version of this software.
        case newerVersion(UInt32)
        /// The file is something else.
        case notAStore
        /// This process has it open already.
        case inUse
        /// Whoever paces the work asked to stop.
        case cancelled
    }

    package var kind: Kind
    /// The data file.
    package var path: String
    /// What was being done and what was found, with the key where there is one.
    package var what: String

    package init(_ kind: Kind, _ path: String, _ what: String) {
        self.kind = kind
        self.path = path
        self.what = what
    }

    /// The disk is full; the same call succeeds when there is room.
    package var isOutOfSpace: Bool { kind == .outOfSpace }

    package var description: String { "\(path): \(what); \(remedy)" }

    /// What to do about it.
    package var remedy: String {
        switch kind {
        case .outOfSpace: "free space on the file system, or enlarge it; it is tried again"
        case .mapFull: "open the store with more address space"
        case .failed: "look at the kernel's log; it may be tried again"
        case .fenced: "restart this process; the log replays what is missing"
        case .damaged: StoreError.rebuildRemedy
        case .damagedSnapshot: "use another snapshot"
        case .newerVersion: "use the version that wrote it, or a newer one"
        case .notAStore: "check the path, or rebuild the store from the newest snapshot and the log"
        case .inUse: "use the store that is open"
        case .cancelled: "start it again when there is time"
        }
    }

    static let rebuildRemedy = "rebuild the store from the newest snapshot and the log: aviaryctl rebuild"
}

extension StoreError {
    init(_ error: LMDBError) {
        let kind: Kind
        switch error.kind {
        case .openTwice: kind = .inUse
        case .mapFull: kind = .mapFull
        case .fatal: kind = .fenced
        case .notAnEnvironment: kind = .notAStore
        case .system(let code) where StoreError.spaceCodes.contains(code): kind = .outOfSpace
        default: kind = error.kind.meansDamage ? .damaged : .failed
        }
        self.init(kind, error.path, "\(error.operation): \(error.kind.text)")
    }

    /// The same, with the key of the row it happened at.
    init(_ error: LMDBError, key: RawSpan) {
        self.init(error)
        what += ", key \(hexadecimal(key))"
    }

    init(_ error: FileError) {
        let kind: Kind = error.isOutOfSpace ? .outOfSpace : .failed
        self.init(kind, error.path.string, "\(error.operation.rawValue): \(error.errno)")
    }

    /// A snapshot that cannot be written or read.
    init(_ error: SnapshotError) {
        let kind: Kind
        switch error.kind {
        case .newerVersion(let version): kind = .newerVersion(version)
        case .cancelled: kind = .cancelled
        case .file: kind = error.isOutOfSpace ? .outOfSpace : .failed
        default: kind = .damagedSnapshot
        }
        let place = error.offset.map { " at offset \($0)" } ?? ""
        self.init(kind, error.path.string, "snapshot: \(error.field)\(place): \(error.kind.text)")
    }

    /// Runs what reads or writes a snapshot.
    static func ofSnapshots<Result: ~Copyable>(
        _ body: () throws(SnapshotError) -> Result
    ) throws(StoreError) -> Result {
        do throws(SnapshotError) { return try body() } catch { throw StoreError(error) }
    }

    /// Runs what calls the file system.
    static func ofFiles<Result: ~Copyable>(
        _ body: () throws(FileError) -> Result
    ) throws(StoreError) -> Result {
        do throws(FileError) { return try body() } catch { throw StoreError(error) }
    }

    /// Runs what calls LMDB.
    static func ofLMDB<Result: ~Copyable>(_ body: () throws(LMDBError) -> Result) throws(StoreError) -> Result {
        do throws(LMDBError) { return try body() } catch { throw StoreError(error) }
    }

    init(_ fault: StorageFault, path: String) { self.init(.damaged, path, "\(fault.what), at \(fault.location)") }

    /// ENOSPC, EDQUOT and EFBIG.
    private static let spaceCodes: [Int32] = [28, 122, 27]
}

extension StorageFault {
    /// A failure of LMDB while a key was read.
    init(_ error: LMDBError, _ database: String, key: RawSpan) {
        self.init(
            "\(error.operation): \(error.kind.text)", at: "\(error.path), \(database), key \(hexadecimal(key))",
            remedy: StoreError.rebuildRemedy)
    }

    /// What a row's bytes are found to be.
    init(_ what: String, _ path: String, _ database: String, key: RawSpan) {
        self.init(what, at: "\(path), \(database), key \(hexadecimal(key))", remedy: StoreError.rebuildRemedy)
    }
}

/// A key as text: hexadecimal, since names may hold anything.
func hexadecimal(_ key: RawSpan) -> String {
    var text = "0x"
    for offset in 0..<key.byteCount {
        let byte = unsafe key.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return text
}
