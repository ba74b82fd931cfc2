import Testing

@testable import house

@Suite struct ReadmeRuleTests {
    private let path = "Tests/AviaryTests/ReadmeExample.swift"
    private let block = "let a = 1\nif a > 0 {\n    print(a)\n}"

    private func rules(readme: String, tested: String?) -> [String] {
        var files = [SourceFile("README.md", "# Aviary\n\n<!-- example: \(path) -->\n```swift\n\(readme)\n```\n")]
        if let tested { files.append(SourceFile(path, tested)) }
        return ReadmeRule.check(Repository(files: files, topLevel: [])).map(\.rule)
    }

    private func marked(_ text: String, indentation: String) -> String {
        let lines = ["// README: begin"] + text.split(separator: "\n").map(String.init) + ["// README: end"]
        return "func example() {\n" + lines.map { "\(indentation)\($0)\n" }.joined() + "}\n"
    }

    @Test("the README's example equals the tested one, whatever its indentation", arguments: ["", "    "])
    func equal(indentation: String) {
        #expect(rules(readme: block, tested: marked(block, indentation: indentation)) == [])
    }

    @Test("an example that differs, is not marked or is missing is a finding")
    func different() {
        #expect(rules(readme: block, tested: marked(block + "\nlet b = 2", indentation: "")) == ["readme"])
        #expect(rules(readme: block, tested: block) == ["readme"])
        #expect(rules(readme: block, tested: nil) == ["readme"])
    }
}
