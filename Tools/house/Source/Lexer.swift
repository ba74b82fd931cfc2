/// Splits Swift text into tokens and comments, in one pass.
///
/// It knows just enough of the language not to take a comment or a string for code: nested block comments, raw and
/// multi-line strings, and interpolation, which *is* code. Regular expression literals between slashes are not known.
struct Lexer {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var followsSpace = true
    private(set) var tokens: [Token] = []
    /// The text of the comments that stand on a line, by line.
    private(set) var comments: [Int: String] = [:]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        tokens.reserveCapacity(bytes.count / 5)
        lexCode(untilParenthesis: false)
    }

    private func peek(_ distance: Int = 0) -> UInt8 {
        position + distance < bytes.count ? bytes[position + distance] : 0
    }

    private mutating func advance() {
        if bytes[position] == UInt8(ascii: "\n") { line += 1 }
        position += 1
    }

    private mutating func append(_ kind: Token.Kind, from start: Int, line: Int) {
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        tokens.append(Token(kind: kind, text: text, line: line, followsSpace: followsSpace))
        followsSpace = false
    }

    /// Up to the end of the text, or to the parenthesis that ends an interpolation.
    private mutating func lexCode(untilParenthesis: Bool) {
        var depth = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\t") {
                advance()
                followsSpace = true
            } else if Lexer.isWord(byte) {
                lexWord()
            } else if byte == UInt8(ascii: "/") && peek(1) == UInt8(ascii: "/") {
                lexLineComment()
            } else if byte == UInt8(ascii: "/") && peek(1) == UInt8(ascii: "*") {
                lexBlockComment()
            } else if byte == UInt8(ascii: "\"") {
                lexString(poundCount: 0)
            } else if byte == UInt8(ascii: "#"), let count = poundsBeforeQuote() {
                position += count
                lexString(poundCount: count)
            } else {
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") {
                    if untilParenthesis && depth == 0 { return }
                    depth -= 1
                }
                position += 1
                append(.symbol, from: position - 1, line: line)
            }
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "`"), 0x80...0xFF: true
        default: false
        }
    }

    private mutating func lexWord() {
        let start = position
        while position < bytes.count && Lexer.isWord(bytes[position]) { position += 1 }
        append(.word, from: start, line: line)
    }

    private mutating func lexLineComment() {
        let start = position
        while position < bytes.count && bytes[position] != UInt8(ascii: "\n") { position += 1 }
        comments[line, default: ""] += String(decoding: bytes[start..<position], as: UTF8.self)
        followsSpace = true
    }

    private mutating func lexBlockComment() {
        var depth = 0
        var start = position
        repeat {
            if peek() == UInt8(ascii: "/") && peek(1) == UInt8(ascii: "*") {
                depth += 1
                position += 2
            } else if peek() == UInt8(ascii: "*") && peek(1) == UInt8(ascii: "/") {
                depth -= 1
                position += 2
            } else {
                if peek() == UInt8(ascii: "\n") {
                    comments[line, default: ""] += String(decoding: bytes[start..<position], as: UTF8.self)
                    start = position + 1
                }
                advance()
            }
        } while depth > 0 && position < bytes.count
        comments[line, default: ""] += String(decoding: bytes[min(start, position)..<position], as: UTF8.self)
        followsSpace = true
    }

    /// How many `#` stand here before a quote; nil when no quote follows them.
    private func poundsBeforeQuote() -> Int? {
        var count = 0
        while peek(count) == UInt8(ascii: "#") { count += 1 }
        return peek(count) == UInt8(ascii: "\"") ? count : nil
    }

    /// A literal from its first quote on. Its token is appended before those of its interpolations.
    private mutating func lexString(poundCount: Int) {
        let isLong = peek(1) == UInt8(ascii: "\"") && peek(2) == UInt8(ascii: "\"")
        let quoteCount = isLong ? 3 : 1
        let index = tokens.count
        let start = position
        tokens.append(Token(kind: .string, text: "", line: line, followsSpace: followsSpace))
        position += quoteCount
        while position < bytes.count {
            if endsString(quoteCount: quoteCount, poundCount: poundCount) {
                position += quoteCount + poundCount
                break
            }
            guard isEscape(poundCount: poundCount) else {
                advance()
                continue
            }
            position += 1 + poundCount
            if peek() == UInt8(ascii: "(") {
                position += 1
                lexCode(untilParenthesis: true)
            }
            if position < bytes.count { advance() }
        }
        tokens[index].text = String(decoding: bytes[start..<min(position, bytes.count)], as: UTF8.self)
        followsSpace = false
    }

    private func endsString(quoteCount: Int, poundCount: Int) -> Bool {
        for distance in 0..<quoteCount where peek(distance) != UInt8(ascii: "\"") { return false }
        for distance in 0..<poundCount where peek(quoteCount + distance) != UInt8(ascii: "#") { return false }
        return true
    }

    private func isEscape(poundCount: Int) -> Bool {
        guard peek() == UInt8(ascii: "\\") else { return false }
        for distance in 0..<poundCount where peek(1 + distance) != UInt8(ascii: "#") { return false }
        return true
    }
}
