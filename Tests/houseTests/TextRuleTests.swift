import Testing

@testable import house

@Suite struct TextRuleTests {
    private func rules(_ text: String) -> [String] {
        TextRule.check(SourceFile("README.md", text)).map(\.rule)
    }

    @Test(
        "work put off is a finding, in comments and documents too", arguments: ["TO" + "DO", "FIX" + "ME", "XX" + "X"])
    func later(word: String) {
        #expect(rules("a\n// \(word): later\n") == ["later"])
        #expect(rules("\(word)S and a\(word) and \(word.lowercased())") == [])
    }

    @Test(
        "a path of one machine is a finding",
        arguments: ["/wo" + "rk/main", "/ho" + "me/someone", "/ro" + "ot/x", "/Us" + "ers/x", "/opt/sw" + "ift/usr"])
    func machine(path: String) {
        #expect(rules("cd \(path)\n") == ["machine-path"])
        #expect(rules("https://example.org\(path)\n") == [])
    }
}
