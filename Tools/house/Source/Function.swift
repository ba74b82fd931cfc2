/// Where a function begins and how many lines it has, its signature included.
struct Function: Equatable {
    var name: String
    var line: Int
    var lineCount: Int

    private static let declarations: Set<String> = [
        "func", "var", "let", "init", "deinit", "subscript", "struct", "class", "enum", "protocol", "extension",
        "case", "typealias", "associatedtype", "import",
    ]

    /// Functions, initialisers, subscripts and computed properties, nested ones too.
    static func all(in source: SwiftSource) -> [Function] {
        var functions: [Function] = []
        for (index, token) in source.tokens.enumerated() where token.kind == .word {
            guard let name = declaredName(at: index, in: source) else { continue }
            guard let body = body(after: index, isProperty: token.text == "var", in: source) else { continue }
            let last = source.token(source.indexAfterClosing(body) - 1).line
            functions.append(Function(name: name, line: token.line, lineCount: last - token.line + 1))
        }
        return functions
    }

    private static func declaredName(at index: Int, in source: SwiftSource) -> String? {
        let word = source.tokens[index].text
        let next = source.token(index + 1)
        guard source.token(index - 1).text != "." else { return nil }
        switch word {
        case "func", "var": return next.text
        case "init": return ["(", "<", "?", "!"].contains(next.text) ? word : nil
        case "deinit": return next.text == "{" ? word : nil
        case "subscript": return ["(", "<"].contains(next.text) ? word : nil
        default: return nil
        }
    }

    /// The index of the brace that opens the body; nil for a requirement of a protocol and for a stored property.
    private static func body(after index: Int, isProperty: Bool, in source: SwiftSource) -> Int? {
        var index = index + 1
        while index < source.tokens.count {
            let token = source.tokens[index]
            switch token.text {
            case "{": return index
            case "}", ";": return nil
            case "=" where isProperty: return nil
            case "(", "[":
                index = source.indexAfterClosing(index)
                continue
            default: break
            }
            if token.kind == .word && declarations.contains(token.text) { return nil }
            index += 1
        }
        return nil
    }

    /// Functions of a Python file, by their indentation; nested ones too.
    static func all(inPython file: SourceFile) -> [Function] {
        let lines = file.lines
        var functions: [Function] = []
        for (index, line) in lines.enumerated() {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "(" })
            guard let keyword = words.firstIndex(of: "def"), keyword < 2, words.count > keyword + 1 else { continue }
            guard keyword == 0 || words[0] == "async" else { continue }
            let indentation = line.prefix { $0 == " " }.count
            var last = index
            for (further, text) in lines.enumerated().dropFirst(index + 1) {
                guard let first = text.first(where: { $0 != " " }) else { continue }
                if text.prefix(while: { $0 == " " }).count <= indentation && first != ")" { break }
                last = further
            }
            functions.append(Function(name: String(words[keyword + 1]), line: index + 1, lineCount: last - index + 1))
        }
        return functions
    }
}
