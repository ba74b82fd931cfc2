package import SystemPackage

/// Whole small files: read, and replaced in one step.
extension FileSystem {
    /// All bytes of a file, at most `byteCountMax`: a longer one is refused, not cut.
    package func readFile(_ path: FilePath, byteCountMax: Int) throws(FileError) -> [UInt8] {
        let file = try open(path, [])
        let size = try file.byteCount()
        guard size <= UInt64(byteCountMax) else { throw FileError(.read, path, errno: .fileTooLarge) }
        return try file.readPrefix(byteCount: Int(size))
    }

    /// The bytes of a file whose size the system does not tell, as below `/proc`: as many as there are, up to a limit.
    package func readStream(_ path: FilePath, byteCountMax: Int) throws(FileError) -> [UInt8] {
        try open(path, []).readPrefix(byteCount: byteCountMax)
    }

    /// Gives a file new content in one step: after a crash it has the old bytes or the new ones, whole.
    ///
    /// Durable on return. Written under the name with ".new" added, synced, renamed, and the directory synced.
    package func replaceFile(_ path: FilePath, with bytes: RawSpan) throws(FileError) {
        let directory = path.removingLastComponent()
        let name = path.lastComponent?.string ?? ""
        let temporary = directory.appending(name + ".new")
        if try exists(temporary) { try remove(temporary) }
        let file = try open(temporary, [.write, .create])
        try file.write(bytes, at: 0)
        try file.syncAll()
        try rename(temporary, to: path)
        try syncDirectory(directory)
    }

    /// Makes a directory and those above it that are missing; durable on return.
    package func createDirectories(_ path: FilePath) throws(FileError) {
        // The root is there, and has no parent to end the ascent.
        if path.lastComponent == nil { return }
        let isThere = try exists(path)
        if isThere { return try createDirectory(path) }
        let parent = path.removingLastComponent()
        if !parent.isEmpty { try createDirectories(parent) }
        try createDirectory(path)
        try syncDirectory(parent.isEmpty ? "." : parent)
    }
}

extension File {
    /// The first bytes, fewer where the file ends.
    fileprivate func readPrefix(byteCount: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        let count = try read(into: &raw, at: 0)
        return Array(bytes.prefix(count))
    }
}
