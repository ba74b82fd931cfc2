/// A Swift file with its tokens and comments.
struct SwiftSource {
    var file: SourceFile
    var zone: Zone?
    var tokens: [Token]
    /// The comments that stand on a line, by line.
    var comments: [Int: String]

    init(_ file: SourceFile) {
        let lexer = Lexer(file.bytes)
        self.file = file
        self.zone = Zone(path: file.path)
        self.tokens = lexer.tokens
        self.comments = lexer.comments
    }

    /// The token at an index, or an empty one outside.
    func token(_ index: Int) -> Token {
        tokens.indices.contains(index) ? tokens[index] : Token(kind: .symbol, text: "", line: 0, followsSpace: true)
    }

    /// Whether the tokens from an index on have these texts.
    func matches(_ texts: [String], at index: Int) -> Bool {
        guard index >= 0, index + texts.count <= tokens.count else { return false }
        for (distance, text) in texts.enumerated() where tokens[index + distance].text != text { return false }
        return true
    }

    /// The index after the bracket that closes the one at `index`, or the end.
    func indexAfterClosing(_ index: Int) -> Int {
        var depth = 0
        var index = index
        while index < tokens.count {
            if tokens[index].kind == .symbol {
                switch tokens[index].text {
                case "(", "[", "{": depth += 1
                case ")", "]", "}": depth -= 1
                default: break
                }
            }
            index += 1
            if depth == 0 { return index }
        }
        return index
    }

    func finding(_ token: Token, _ rule: String, _ advice: String) -> Finding {
        Finding(path: file.path, line: token.line, rule: rule, advice: advice)
    }
}
