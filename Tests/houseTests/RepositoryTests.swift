import Testing

@testable import house

@Suite struct RepositoryTests {
    @Test("the checkout itself is read whole, without what is built or ignored")
    func checkout() throws {
        let depth = "Tests/houseTests/RepositoryTests.swift".split(separator: "/").count
        let root = "/" + #filePath.split(separator: "/").dropLast(depth).joined(separator: "/")
        let repository = try Repository(readingFrom: root)
        let paths = repository.files.map(\.path)
        #expect(paths.contains("Package.swift"))
        #expect(paths.contains("Tools/house/House.swift"))
        #expect(paths.contains(".swift-format"))
        #expect(!paths.contains { $0.hasPrefix(".build") || $0.hasPrefix(".git/") || $0.hasPrefix(".venv") })
        #expect(repository.topLevel.contains("Sources"))
    }

    @Test("findings are sorted by file and line")
    func order() {
        let files = [
            SourceFile("Sources/Core/Jute/B.swift", "import LMDB\nlet now = Date()\n"),
            SourceFile("Sources/Core/Jute/A.swift", "let now = Date()\n"),
        ]
        let findings = House.check(Repository(files: files, topLevel: []))
        #expect(findings == findings.sorted())
        #expect(findings.map(\.rule) == ["docs", "tests", "clock", "import", "clock"])
    }
}
