/// `@unchecked Sendable` stands below a comment that names what makes it true.
enum SendableRule {
    /// One of these words is in an honest justification.
    private static let reasons = ["lock", "mutex", "thread", "loop", "atomic", "immutable", "never changes"]

    static func check(_ source: SwiftSource) -> [Finding] {
        source.tokens.indices.compactMap { index -> Finding? in
            guard source.matches(["@", "unchecked"], at: index) else { return nil }
            let comment = commentAbove(line: source.tokens[index].line, in: source).lowercased()
            guard !reasons.contains(where: comment.contains) else { return nil }
            return source.finding(
                source.tokens[index], "sendable",
                "say in a comment above which lock or thread makes this true, or make it checked")
        }
    }

    /// The block of comment lines above the declaration that a line belongs to, attributes and the like between them
    /// skipped.
    private static func commentAbove(line: Int, in source: SwiftSource) -> String {
        let codeLines = Set(source.tokens.map(\.line))
        var text = source.comments[line] ?? ""
        var line = line - 1
        var codeLineCount = 0
        while source.comments[line] == nil && codeLines.contains(line) && codeLineCount < 3 {
            line -= 1
            codeLineCount += 1
        }
        while let comment = source.comments[line], !codeLines.contains(line) {
            text += comment
            line -= 1
        }
        return text
    }
}
