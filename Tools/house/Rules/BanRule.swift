/// The ban list, and the two bans that are more than a run of tokens: force unwraps and `[Key: Value]` in Core.
enum BanRule {
    private static let bansByFirstText = Dictionary(grouping: Ban.all) { $0.texts[0] }

    static func check(_ source: SwiftSource) -> [Finding] {
        guard let zone = source.zone else { return [] }
        var findings: [Finding] = []
        for (index, token) in source.tokens.enumerated() {
            if token.kind == .string {
                if token.text.contains(uncheckedFlag) {
                    findings.append(source.finding(token, "flags", "build with checks: they are the invariants"))
                }
                continue
            }
            for ban in bansByFirstText[token.text] ?? [] where ban.applies(zone) {
                if source.matches(ban.texts, at: index) && ban.condition(source, index) {
                    findings.append(source.finding(token, ban.rule, ban.advice))
                }
            }
            if token.text == "!", isForceUnwrap(index, in: source) {
                findings.append(source.finding(token, "force", "unwrap with guard let, or say why with invariant"))
            }
            if token.text == "[", zone.layer == .core, isDictionary(index, in: source) {
                findings.append(
                    source.finding(
                        token, "hashed-order", "use a sorted array or a table of your own: no order to trust"))
            }
        }
        return findings
    }

    /// Spelled apart, so that this file does not find itself.
    private static let uncheckedFlag = "-O" + "unchecked"

    /// A `!` close behind an operand, and no operator after it.
    private static func isForceUnwrap(_ index: Int, in source: SwiftSource) -> Bool {
        let token = source.tokens[index]
        let before = source.token(index - 1)
        let after = source.token(index + 1)
        guard !token.followsSpace, index > 0 else { return false }
        if after.text == "=" && !after.followsSpace { return false }
        if before.text == "try" || before.text == "as" || before.text == "init" { return false }
        return before.kind != .symbol || [")", "]", "}", "?"].contains(before.text)
    }

    /// `[:]`, or `[` a type's name `:` another's. Labelled subscripts begin with a small letter.
    private static func isDictionary(_ index: Int, in source: SwiftSource) -> Bool {
        if source.matches(["[", ":", "]"], at: index) { return true }
        guard let first = source.token(index + 1).text.first, first.isUppercase else { return false }
        var further = index + 2
        while source.token(further).text == "." { further += 2 }
        guard source.token(further).text == ":" else { return false }
        guard let second = source.token(further + 1).text.first else { return false }
        return second.isUppercase || second == "[" || second == "("
    }
}
