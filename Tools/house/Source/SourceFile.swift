/// A text file, by its path from the top of the repository.
struct SourceFile {
    var path: String
    var bytes: [UInt8]

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    init(_ path: String, _ text: String) {
        self.init(path: path, bytes: [UInt8](text.utf8))
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var isPython: Bool { path.hasSuffix(".py") }
    var isC: Bool { path.hasSuffix(".c") || path.hasSuffix(".h") }
    var isMarkdown: Bool { path.hasSuffix(".md") }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The lines without their ends. A last line without an end counts as one.
    var lines: [Substring] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// How many lines `lines` has, without making them.
    var lineCount: Int {
        var count = 0
        for byte in bytes where byte == UInt8(ascii: "\n") { count += 1 }
        if let last = bytes.last, last != UInt8(ascii: "\n") { count += 1 }
        return count
    }
}
