import Testing

@testable import house

@Suite struct LengthRuleTests {
    private func rules(_ file: SourceFile, _ exceptions: [LengthException] = []) -> [String] {
        let sources = file.isSwift ? [SwiftSource(file)] : []
        return LengthRule.check(sources, others: [file], exceptions: exceptions).map(\.rule)
    }

    @Test("a file of 500 lines is well, one of 501 is not", arguments: ["a.swift", "a.py", "a.c", "a.h"])
    func files(path: String) {
        let line = path.hasSuffix(".py") ? "# line\n" : "// line\n"
        #expect(rules(SourceFile(path, String(repeating: line, count: 500))) == [])
        #expect(rules(SourceFile(path, String(repeating: line, count: 501))) == ["file-length"])
    }

    @Test(
        "a function of 70 lines is well, one of 71 is not, whatever kind it is",
        arguments: [
            "func run(_ body: () -> Void = { work() }) -> Int {\n", "init(_ name: String) {\n", "deinit {\n",
            "subscript(index: Int) -> Int {\n", "var count: Int {\n", "func run()\nwhere T: Equatable {\n",
        ])
    func functions(signature: String) {
        let signatureLines = signature.split(separator: "\n").count
        let fitting = signature + statements(69 - signatureLines) + "}\n"
        #expect(rules(SourceFile("a.swift", fitting)) == [])
        let tooLong = signature + statements(70 - signatureLines) + "}\n"
        #expect(rules(SourceFile("a.swift", tooLong)) == ["function-length"])
    }

    @Test("requirements, stored properties and calls of init have no body")
    func bodiless() {
        let text =
            "protocol P {\n    func a()\n    func b() -> Int\n    var c: Int { get }\n}\n"
            + "struct S {\n    var d = 1\n    var e: Int\n    let f = { 1 }\n" + statements(90) + "}\nself.init(1) {\n"
        let functions = Function.all(in: SwiftSource(SourceFile("a.swift", text)))
        #expect(functions.map(\.name) == ["c"])
    }

    @Test("a long function of a Python file is found by its indentation")
    func python() {
        let body = String(repeating: "        step()\n", count: 69)
        let head = "class A:\n    def run(\n        self\n    ):\n"
        #expect(rules(SourceFile("a.py", "class A:\n    def run(self):\n" + body + "\n    x = 1\n")) == [])
        #expect(rules(SourceFile("a.py", head + body + "\nafter()\n")) == ["function-length"])
    }

    @Test("an exception grants its lines and no more, and must go when it is not needed")
    func exceptions() {
        let file = SourceFile("a.swift", String(repeating: "// line\n", count: 510))
        let exception = { LengthException(path: "a.swift", function: nil, lineCount: $0) }
        #expect(rules(file, [exception(510)]) == [])
        #expect(rules(file, [exception(509)]) == ["file-length"])
        #expect(rules(file, [exception(511)]) == ["length-exception"])
        #expect(rules(SourceFile("a.swift", "// line\n"), [exception(510)]) == ["length-exception"])
        #expect(rules(SourceFile("b.swift", "// line\n"), [exception(510)]) == ["length-exception"])
    }

    @Test("the house grants no exceptions")
    func none() {
        #expect(LengthException.all.isEmpty)
    }
}
