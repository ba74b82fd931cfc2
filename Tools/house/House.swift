import Foundation

/// `house [root]`: checks the rules of the house that no compiler checks.
///
/// Every finding is one line, `file:line: rule: what to do instead`. Ends with 0 when there is none, 1 when there is
/// one, 2 when the checkout could not be read.
@main
struct House {
    static func main() {
        let root = CommandLine.arguments.dropFirst().first ?? "."
        do {
            let repository = try Repository(readingFrom: root)
            let findings = check(repository)
            for finding in findings { print(finding) }
            if findings.isEmpty {
                print("house: \(repository.files.count) files, nothing to say")
            } else {
                print("house: \(findings.count) finding\(findings.count == 1 ? "" : "s")")
            }
            exit(findings.isEmpty ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("house: cannot read \(root): \(error)\n".utf8))
            exit(2)
        }
    }

    /// All findings of all rules, by path and line.
    static func check(_ repository: Repository, exceptions: [LengthException] = LengthException.all) -> [Finding] {
        var findings: [Finding] = []
        let sources = repository.files.filter(\.isSwift).map(SwiftSource.init)
        for source in sources {
            findings += ImportRule.check(source)
            findings += BanRule.check(source)
            findings += SendableRule.check(source)
        }
        findings += LengthRule.check(sources, others: repository.files, exceptions: exceptions)
        for file in repository.files { findings += TextRule.check(file) }
        findings += LayoutRule.check(repository)
        findings += ReadmeRule.check(repository)
        return findings.sorted()
    }
}
