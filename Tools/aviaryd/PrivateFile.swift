import Glibc

/// Small files that nobody but their owner may read.
enum PrivateFile {
    /// - Throws: if it cannot be read, is not a file, is open to others, or is longer than `byteCountMax`.
    static func read(_ path: String, byteCountMax: Int) throws(TextFileError) -> [UInt8] {
        // Without waiting, should it be no file but a pipe.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw TextFileError(reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw TextFileError(reason: String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw TextFileError(reason: "it is not a file") }
        guard status.st_mode & 0o077 == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw TextFileError(reason: "others may read it (its mode is 0\(mode)): run chmod 600 \(path)")
        }
        var bytes = [UInt8](repeating: 0, count: byteCountMax + 1)
        var count = 0
        while count < bytes.count {
            let more = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
            }
            if more < 0 && errno == EINTR { continue }
            guard more >= 0 else { throw TextFileError(reason: String(cString: strerror(errno))) }
            if more == 0 { break }
            count += more
        }
        guard count <= byteCountMax else { throw TextFileError(reason: "it is longer than \(byteCountMax) bytes") }
        return Array(bytes[..<count])
    }
}
