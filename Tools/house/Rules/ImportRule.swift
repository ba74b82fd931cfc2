/// Checks every import against the table.
enum ImportRule {
    private static let kinds: Set<String> = [
        "struct", "class", "enum", "protocol", "func", "var", "let", "typealias", "actor",
    ]

    static func check(_ source: SwiftSource) -> [Finding] {
        guard let zone = source.zone else {
            return [
                Finding(
                    path: source.file.path, line: 1, rule: "import",
                    advice: "move this file into a module's folder; no module owns this path")
            ]
        }
        var findings: [Finding] = []
        for (index, token) in source.tokens.enumerated() where token.text == "import" && token.kind == .word {
            guard startsStatement(index, in: source) else { continue }
            let next = source.token(index + 1)
            let named = kinds.contains(next.text) ? source.token(index + 2) : next
            guard named.kind == .word, named.text != "Swift" else { continue }
            if let finding = judge(named, in: source, zone: zone) { findings.append(finding) }
        }
        return findings
    }

    /// `import` is also a word that a label may be called.
    private static func startsStatement(_ index: Int, in source: SwiftSource) -> Bool {
        let before = source.token(index - 1)
        return before.text != "." && source.token(index + 1).text != ":" && before.text != "("
    }

    private static func judge(_ module: Token, in source: SwiftSource, zone: Zone) -> Finding? {
        guard let allowed = ImportTable.allowed(in: zone) else {
            return source.finding(
                module, "import",
                "decide what \(zone.module) may import and enter it in Tools/house/Rules/ImportTable.swift")
        }
        guard !allowed.contains(module.text) else { return nil }
        let list = allowed.isEmpty ? "nothing" : "only " + allowed.sorted().joined(separator: ", ")
        let advice =
            zone.isInside
            ? "\(zone.module) may import \(list); move what needs \(module.text) to a layer that may"
            : "\(module.text) is not for \(zone.layer) code; see Tools/house/Rules/ImportTable.swift"
        return source.finding(module, "import", advice)
    }
}
