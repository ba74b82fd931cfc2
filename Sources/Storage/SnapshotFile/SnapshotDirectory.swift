package import CoreTypes
package import PosixIO
package import SystemPackage

/// The directory of a replica's snapshots: names them by slot, finds the newest good one, keeps the last few.
///
/// A name is `snapshot-` and the slot in 20 decimal digits, so that names sort as slots do. Other files are left alone.
/// Used by one thread.
package struct SnapshotDirectory: Sendable {
    package let path: FilePath
    private let fileSystem: any FileSystem
    private static let prefix = "snapshot-"
    private static let digitCount = 20

    package init(_ path: FilePath, fileSystem: any FileSystem) {
        self.path = path
        self.fileSystem = fileSystem
    }

    /// Where the snapshot of a slot stands.
    package func path(of slot: Slot) -> FilePath {
        let digits = String(slot.rawValue)
        let zeros = String(repeating: "0", count: Self.digitCount - digits.utf8.count)
        return path.appending(Self.prefix + zeros + digits)
    }

    /// Where a snapshot of a slot stands while it is being made.
    package func temporaryPath(of slot: Slot) -> FilePath {
        path.appending((path(of: slot).lastComponent?.string ?? "") + SnapshotWriter.temporarySuffix)
    }

    /// The slots of all finished snapshots, newest first; their bytes are not looked at.
    package func slots() throws(SnapshotError) -> [Slot] {
        try names().compactMap(Self.slot).sorted(by: >)
    }

    /// The newest snapshot whose every byte is verified, and what was wrong with newer ones.
    ///
    /// - Throws: `.noSnapshot` when none is good; failures to read the directory itself.
    package func newestVerified() throws(SnapshotError) -> (slot: Slot, faults: [SnapshotError]) {
        var faults: [SnapshotError] = []
        for slot in try slots() {
            do throws(SnapshotError) {
                try verify(slot)
                return (slot, faults)
            } catch {
                faults.append(error)
            }
        }
        throw SnapshotError(.noSnapshot, path, field: faults.first.map { "newest: \($0)" } ?? "no files")
    }

    /// Reads the snapshot of a slot to its end.
    ///
    /// - Parameter afterBlock: called after each block with its bytes; may wait. False gives up.
    package func verify(_ slot: Slot, afterBlock: ((_ byteCount: Int) -> Bool)? = nil) throws(SnapshotError) {
        let reader = try SnapshotReader(path(of: slot), fileSystem: fileSystem)
        guard reader.header.slot == slot else {
            throw SnapshotError(.damaged, path(of: slot), offset: 48, field: "slot, which the name contradicts")
        }
        try reader.verify(afterBlock: afterBlock)
    }

    /// Removes all but the newest snapshots. At least one stays; whoever calls has verified the newest.
    ///
    /// - Returns: the slots whose files were removed.
    @discardableResult
    package func keepNewest(_ count: Int) throws(SnapshotError) -> [Slot] {
        let removed = Array(try slots().dropFirst(max(count, 1)))
        for slot in removed { try remove(path(of: slot)) }
        if !removed.isEmpty { try syncDirectory() }
        return removed
    }

    /// Removes what unfinished writers of an earlier life left behind; only while none is at work.
    package func removeTemporaries() throws(SnapshotError) {
        for name in try names() where name.hasSuffix(SnapshotWriter.temporarySuffix) {
            guard Self.slot(of: String(name.dropLast(SnapshotWriter.temporarySuffix.count))) != nil else { continue }
            try remove(path.appending(name))
        }
    }

    private static func slot(of name: String) -> Slot? {
        guard name.hasPrefix(prefix), name.utf8.count == prefix.utf8.count + digitCount else { return nil }
        let digits = name.dropFirst(prefix.count)
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt64(digits).map { Slot(rawValue: $0) }
    }

    private func names() throws(SnapshotError) -> [String] {
        do throws(FileError) { return try fileSystem.list(path) } catch { throw SnapshotError(error) }
    }

    private func remove(_ path: FilePath) throws(SnapshotError) {
        do throws(FileError) { try fileSystem.remove(path) } catch { throw SnapshotError(error) }
    }

    private func syncDirectory() throws(SnapshotError) {
        do throws(FileError) { try fileSystem.syncDirectory(path) } catch { throw SnapshotError(error) }
    }
}
