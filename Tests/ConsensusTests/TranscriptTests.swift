import Testing

/// Transcripts: `command`, `----`, what is to be seen, an empty line. Lines before the first command that begin with `#`
/// say what the file shows. `REWRITE=1` in the environment writes the files anew; read the difference.
@Suite struct TranscriptTests {
    static let names = [
        "alone", "normal-operation", "holes-and-highest-ballot", "zab-figure-1", "learned-value-survives-restart",
        "faulty-is-not-no", "elections", "hand-over", "read-index", "readmission", "catch-up",
        "own-disk-is-optional",
    ]

    @Test("the transcript is what happens", arguments: names)
    func replay(_ name: String) throws {
        let path = "\(#filePath)".replacingLastComponent(by: "testdata/\(name).txt")
        let text = try #require(readFile(path), "cannot read \(path)")
        let (actual, failures) = Self.run(text)
        if environment("REWRITE") != nil {
            #expect(writeFile(path, actual), "cannot write \(path)")
        } else {
            for failure in failures { Issue.record("\(name).txt: \(failure)") }
        }
        #expect(text.hasPrefix("#"), "a transcript opens with what it shows")
        #expect(!actual.contains("VIOLATION"))
    }

    /// The text with every output as it really is, and the commands whose output differs.
    private static func run(_ text: String) -> (text: String, failures: [String]) {
        var cluster = TranscriptCluster()
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
        var actual: [String] = []
        var failures: [String] = []
        while let line = lines.popFirst() {
            guard lines.first == "----" else {
                actual.append(line)
                continue
            }
            lines.removeFirst()
            var expected: [String] = []
            while let next = lines.first, !next.isEmpty {
                expected.append(next)
                lines.removeFirst()
            }
            let output = cluster.run(line)
            actual += [line, "----"] + output.split(separator: "\n").map(String.init)
            if output != expected.joined(separator: "\n") {
                failures.append("`\(line)`\nexpected:\n\(expected.joined(separator: "\n"))\nactual:\n\(output)")
            }
        }
        return (actual.joined(separator: "\n"), failures)
    }
}

extension String {
    /// The path of something beside the file at this path.
    fileprivate func replacingLastComponent(by name: String) -> String {
        split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/" + name
    }
}
