import Testing

@testable import house

@Suite struct LayoutRuleTests {
    private let whole = [
        SourceFile("Sources/Core/Jute/JuteReader.swift", ""),
        SourceFile("Sources/Core/Jute/Jute.docc/Jute.md", "# Jute"),
        SourceFile("Sources/Core/CChecksums/CChecksums.c", ""),
        SourceFile("Tests/JuteTests/JuteReaderTests.swift", "@Test func reads() {}"),
        SourceFile("Tests/ConformanceTests/test_kazoo.py", "def test_create(server):\n    pass\n"),
        SourceFile("Tests/TestSupport/Support.swift", ""),
    ]
    private let names = [".ci", "Benchmarks", "Package.swift", "README.md", "Sources", "Tests", "Tools"]

    private func rules(_ files: [SourceFile], _ topLevel: [String]? = nil) -> [String] {
        LayoutRule.check(Repository(files: files, topLevel: topLevel ?? names)).map(\.rule)
    }

    @Test("a module with a catalog and tests is well")
    func complete() {
        #expect(rules(whole) == [])
    }

    @Test("a module without a catalog, or without tests, is a finding")
    func incomplete() {
        #expect(rules(whole.filter { !$0.path.contains(".docc") }) == ["docs"])
        #expect(rules(whole.filter { !$0.path.contains("JuteTests") }) == ["tests"])
        #expect(Set(rules([SourceFile("Sources/Aviary/Store.swift", "")])) == ["docs", "tests"])
    }

    @Test("a test folder without a test is a finding")
    func emptyTests() {
        #expect(rules(whole + [SourceFile("Tests/CrashTests/Notes.swift", "func helper() {}")]) == ["tests"])
        #expect(rules(whole + [SourceFile("Tests/CrashTests/conftest.py", "def test_x(): pass")]) == ["tests"])
    }

    @Test("the top level holds nothing else", arguments: ["notes.txt", "Makefile", "Examples"])
    func topLevel(name: String) {
        #expect(rules(whole, names + [name]) == ["top-level"])
    }
}
