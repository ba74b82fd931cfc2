/// Where things are: the top level, a DocC catalog for every module, tests for every module and in every test folder.
enum LayoutRule {
    static let topLevel: Set<String> = ["Package.swift", "Sources", "Tests", "Benchmarks", "Tools", "README.md"]

    static func check(_ repository: Repository) -> [Finding] {
        checkTopLevel(repository) + checkModules(repository) + checkTests(repository)
    }

    private static func checkTopLevel(_ repository: Repository) -> [Finding] {
        repository.topLevel.filter { !$0.hasPrefix(".") && !topLevel.contains($0) }.map {
            Finding(
                path: $0, line: 1, rule: "top-level",
                advice: "move it: the top level holds \(topLevel.sorted().joined(separator: ", ")) and dot-files")
        }
    }

    /// A module is a folder of Swift sources below `Sources`; those of C and system libraries document themselves in
    /// their headers.
    private static func checkModules(_ repository: Repository) -> [Finding] {
        var folders: [String: String] = [:]
        for file in repository.files where file.isSwift && file.path.hasPrefix("Sources/") {
            guard let zone = Zone(path: file.path) else { continue }
            let depth = zone.layer == .facade ? 2 : 3
            folders[zone.module] = file.path.split(separator: "/").prefix(depth).joined(separator: "/")
        }
        var findings: [Finding] = []
        for (module, folder) in folders {
            let catalog = "\(folder)/\(module).docc/"
            if !repository.files.contains(where: { $0.path.hasPrefix(catalog) && $0.isMarkdown }) {
                findings.append(
                    Finding(
                        path: folder, line: 1, rule: "docs", advice: "add \(module).docc with the module's invariants"))
            }
            let tests = "Tests/\(module)Tests/"
            if !repository.files.contains(where: { $0.path.hasPrefix(tests) && $0.isSwift }) {
                findings.append(Finding(path: folder, line: 1, rule: "tests", advice: "add tests in \(tests)"))
            }
        }
        return findings
    }

    private static func checkTests(_ repository: Repository) -> [Finding] {
        var hasTests: [String: Bool] = [:]
        for file in repository.files where file.path.hasPrefix("Tests/") {
            let parts = file.path.split(separator: "/")
            guard parts.count >= 3, parts[1].hasSuffix("Tests") else { continue }
            let folder = parts.prefix(2).joined(separator: "/")
            hasTests[folder] = hasTests[folder] ?? false || holdsTest(file)
        }
        return hasTests.filter { !$0.value }.map { folder, _ in
            Finding(path: folder, line: 1, rule: "tests", advice: "add a test that can fail, or remove the folder")
        }
    }

    private static func holdsTest(_ file: SourceFile) -> Bool {
        if file.isSwift { return file.text.contains("@Test") }
        let name = file.path.split(separator: "/").last ?? ""
        return file.isPython && name.hasPrefix("test_") && file.text.contains("def test_")
    }
}
