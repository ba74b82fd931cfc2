package import SystemPackage

/// A disk in memory: files and names, live and durable. A value, so that a test can keep the disk of every moment.
///
/// What is not durable is a list of **unsynced changes**: single blocks of 4 KiB, sizes of files, and names. A crash
/// keeps any subset of them, whatever their order, as disks and file systems do.
package struct DiskImage: Sendable {
    enum Entry: Hashable, Sendable {
        case directory
        case file(UInt64)
    }

    /// A change to the names of one directory.
    struct NameChange: Sendable {
        var sequence: UInt64
        var directory: FilePath
        var removed: FilePath?
        var added: FilePath?
        var entry: Entry
    }

    var files: [UInt64: FileImage] = [:]
    var liveNames: [FilePath: Entry] = [:]
    var durableNames: [FilePath: Entry] = [:]
    /// In the order in which they were made.
    var nameChanges: [NameChange] = []
    var nextFile: UInt64 = 1
    /// Counts the changes to the disk.
    var sequence: UInt64 = 0

    package init() {}

    /// A change that a crash may keep or lose.
    package struct UnsyncedChange: Sendable, Equatable {
        package enum Kind: Sendable, Equatable {
            case block(file: UInt64, index: Int)
            case byteCount(file: UInt64)
            case name(FilePath)
        }
        package var kind: Kind
        var sequence: UInt64
    }

    /// What a crash does to an unsynced change.
    package enum Survival: Sendable, Equatable {
        case lost
        case kept
        /// Of a block, the sectors of 512 bytes whose bits are set; a size or a name is kept whole.
        case torn(sectors: UInt8)
    }

    /// Everything that a crash may keep or lose, oldest first.
    package var unsyncedChanges: [UnsyncedChange] {
        var changes: [UnsyncedChange] = []
        for (number, file) in files {
            for (index, unsynced) in file.unsyncedBlocks {
                changes.append(.init(kind: .block(file: number, index: index), sequence: unsynced.sequence))
            }
            if let unsynced = file.unsyncedByteCount {
                changes.append(.init(kind: .byteCount(file: number), sequence: unsynced.sequence))
            }
        }
        for change in nameChanges {
            let path = change.added ?? change.removed ?? change.directory
            changes.append(.init(kind: .name(path), sequence: change.sequence))
        }
        return changes.sorted { $0.sequence < $1.sequence }
    }

    /// The disk after a crash that does to each unsynced change, by its place in `unsyncedChanges`, what is asked.
    package func crashed(_ survival: (Int) -> Survival) -> DiskImage {
        var image = self
        var keptNames: [UInt64] = []
        for (place, change) in unsyncedChanges.enumerated() {
            let fate = survival(place)
            if fate == .lost { continue }
            switch change.kind {
            case .block(let file, let index):
                if case .torn(let sectors) = fate {
                    image.files[file]?.keep(index, sectors: sectors)
                } else {
                    image.files[file]?.keep(index)
                }
            case .byteCount(let file): image.files[file]?.keepByteCount()
            case .name: keptNames.append(change.sequence)
            }
        }
        for change in nameChanges where keptNames.contains(change.sequence) { image.makeDurable(change) }
        image.nameChanges = []
        image.liveNames = image.durableNames
        for number in image.files.keys { image.files[number]?.crash() }
        image.dropUnnamedFiles()
        return image
    }

    /// The paths of all files that have a name now, ascending.
    package var paths: [FilePath] {
        liveNames.filter { $0.value != .directory }.map(\.key).sorted { $0.string < $1.string }
    }

    /// The size of a file that has a name now.
    package func byteCount(of path: FilePath) -> UInt64? { file(path).map { files[$0]?.liveByteCount ?? 0 } }

    /// Flips bits of one byte of a file on the disk itself.
    package mutating func damage(_ path: FilePath, at offset: UInt64, flipping mask: UInt8) {
        if let number = file(path) { files[number]?.damage(at: offset, flipping: mask) }
    }

    /// Puts one block of 4 KiB where another one belongs, as a write does that the disk puts in the wrong place.
    package mutating func misdirect(
        _ source: FilePath, at sourceOffset: UInt64, to target: FilePath, at targetOffset: UInt64
    ) {
        guard let from = file(source), let to = file(target), let block = files[from]?.liveBlock(at: sourceOffset)
        else { return }
        files[to]?.replaceBlock(at: targetOffset, with: block)
    }

    /// Reading the block at an offset fails with EIO from now on, until it is written again.
    package mutating func makeUnreadable(_ path: FilePath, at offset: UInt64) {
        if let number = file(path) { files[number]?.makeUnreadable(at: offset) }
    }

    /// The disk gives everything again.
    package mutating func makeReadable() {
        for number in files.keys { files[number]?.makeReadable() }
    }

    /// Takes a file away without a trace, as a broken file system does.
    package mutating func lose(_ path: FilePath) {
        liveNames[path] = nil
        durableNames[path] = nil
    }

    /// All bytes of a file that has a name now.
    package func bytes(of path: FilePath) -> [UInt8] {
        guard let number = file(path), let file = files[number] else { return [] }
        let blocks = Array(file.live.joined().prefix(Int(file.liveByteCount)))
        return blocks + [UInt8](repeating: 0, count: Int(file.liveByteCount) - blocks.count)
    }

    private func file(_ path: FilePath) -> UInt64? {
        guard case .file(let number)? = liveNames[path] else { return nil }
        return number
    }
}

/// Changes of names.
extension DiskImage {
    mutating func change(directory: FilePath, removed: FilePath?, added: FilePath?, entry: Entry) {
        if let removed { liveNames[removed] = nil }
        if let added { liveNames[added] = entry }
        sequence += 1
        nameChanges.append(
            NameChange(sequence: sequence, directory: directory, removed: removed, added: added, entry: entry))
    }

    mutating func syncDirectory(_ directory: FilePath) {
        for change in nameChanges where change.directory == directory { makeDurable(change) }
        nameChanges.removeAll { $0.directory == directory }
    }

    private mutating func makeDurable(_ change: NameChange) {
        if let removed = change.removed { durableNames[removed] = nil }
        if let added = change.added { durableNames[added] = change.entry }
    }

    private mutating func dropUnnamedFiles() {
        let named = Set(liveNames.values)
        files = files.filter { named.contains(.file($0.key)) }
    }

    /// Bytes of all files that have a name.
    var usedByteCount: UInt64 {
        var count: UInt64 = 0
        for case .file(let number) in liveNames.values { count += files[number]?.liveByteCount ?? 0 }
        return count
    }
}

/// Damage.
extension DiskImage {
    /// Writes over bytes of a file on the disk itself.
    package mutating func overwrite(_ path: FilePath, at offset: UInt64, with bytes: [UInt8]) {
        let old = self.bytes(of: path)
        for (place, byte) in bytes.enumerated() where Int(offset) + place < old.count {
            let mask = old[Int(offset) + place] ^ byte
            if mask != 0 { damage(path, at: offset + UInt64(place), flipping: mask) }
        }
    }

    /// Leaves a file its name, and takes all its bytes.
    package mutating func empty(_ path: FilePath) {
        guard case .file(let number)? = liveNames[path] else { return }
        files[number] = FileImage()
    }
}
