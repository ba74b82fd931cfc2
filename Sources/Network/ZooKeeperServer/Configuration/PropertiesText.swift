/// The format of `java.util.Properties`, in which ZooKeeper's configuration files are written.
///
/// A line is `key = value` or `key: value`; `#` and `!` begin a comment; a backslash at the end of a line joins the next
/// one to it; `\t`, `\n`, `\r`, `\f` and `\uXXXX` are escapes, and a backslash before any other character stands for that
/// character. Java takes `key value` as well; here such a line is told apart, because in a configuration it is a slip.
struct PropertiesText {
    struct Entry: Equatable {
        /// The line on which the entry begins, from 1.
        var line: Int
        var key: String
        var value: String
        /// Whether `=` or `:` stood between them.
        var hasSeparator = true
    }

    /// In the order of the file; a key may stand there twice.
    private(set) var entries: [Entry] = []

    init(parsing text: String) {
        var pending = ""
        var firstLine = 0
        var lineNumber = 0
        for rawLine in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            lineNumber += 1
            let line = rawLine.drop(while: { $0 == " " || $0 == "\t" || $0 == "\u{C}" })
            if pending.isEmpty {
                guard let first = line.first, first != "#", first != "!" else { continue }
                firstLine = lineNumber
            }
            let trailingBackslashes = line.reversed().prefix(while: { $0 == "\\" }).count
            if trailingBackslashes % 2 == 1 {
                pending += line.dropLast()
                // Keeps the entry open even if nothing stands before the backslash.
                if pending.isEmpty { pending = " " }
                continue
            }
            add(pending + line, line: firstLine)
            pending = ""
        }
        if !pending.isEmpty { add(pending, line: firstLine) }
    }

    private mutating func add(_ logicalLine: String, line: Int) {
        var rest = Substring(logicalLine)
        let key = PropertiesText.take(&rest) { $0 == "=" || $0 == ":" || $0 == " " || $0 == "\t" || $0 == "\u{C}" }
        rest = rest.drop(while: { $0 == " " || $0 == "\t" })
        let hasSeparator = rest.first == "=" || rest.first == ":"
        if hasSeparator { rest = rest.dropFirst() }
        rest = rest.drop(while: { $0 == " " || $0 == "\t" })
        var value = PropertiesText.take(&rest) { _ in false }
        while let last = value.last, last == " " || last == "\t" { value.removeLast() }
        entries.append(Entry(line: line, key: key, value: value, hasSeparator: hasSeparator))
    }

    /// Reads characters, escapes resolved, up to one that ends the run and is not escaped.
    private static func take(_ rest: inout Substring, until ends: (Character) -> Bool) -> String {
        var result = ""
        while let character = rest.first {
            if ends(character) { break }
            rest.removeFirst()
            guard character == "\\", let escaped = rest.popFirst() else {
                result.append(character)
                continue
            }
            switch escaped {
            case "t": result.append("\t")
            case "n": result.append("\n")
            case "r": result.append("\r")
            case "f": result.append("\u{C}")
            case "u":
                let digits = rest.prefix(4)
                if digits.count == 4, let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init) {
                    rest.removeFirst(4)
                    result.unicodeScalars.append(scalar)
                } else {
                    result.append("u")
                }
            default: result.append(escaped)
            }
        }
        return result
    }
}
