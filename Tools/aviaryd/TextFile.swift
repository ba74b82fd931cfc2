import Glibc

/// Why a text file could not be read.
struct TextFileError: Error {
    var reason: String
}

/// Small text files, read whole.
enum TextFile {
    /// - Throws: if it cannot be opened, is not a file, is larger than a megabyte, or is not UTF-8.
    static func read(_ path: String) throws(TextFileError) -> String {
        guard let file = fopen(path, "re") else { throw TextFileError(reason: String(cString: strerror(errno))) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&block, 1, block.count, file)
            bytes += block[..<count]
            if count < block.count { break }
            guard bytes.count <= 1 << 20 else { throw TextFileError(reason: "it is larger than a megabyte") }
        }
        guard ferror(file) == 0 else { throw TextFileError(reason: String(cString: strerror(errno))) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw TextFileError(reason: "it is not UTF-8")
        }
        return text
    }
}
