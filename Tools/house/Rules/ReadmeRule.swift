/// The README's example is a file that is compiled and run: the two must be the same, line by line.
///
/// The README names the file in a comment before the block; in the file, two comments mark what the README shows.
enum ReadmeRule {
    static let marker = "<!-- example: "
    static let begin = "// README: begin"
    static let end = "// README: end"

    static func check(_ repository: Repository) -> [Finding] {
        guard let readme = repository.files.first(where: { $0.path == "README.md" }) else { return [] }
        var findings: [Finding] = []
        let lines = readme.lines
        for (index, line) in lines.enumerated() where line.hasPrefix(marker) {
            let path = line.dropFirst(marker.count).prefix { $0 != " " }
            let shown = lines[(index + 1)...].drop { !$0.hasPrefix("```") }.dropFirst().prefix { !$0.hasPrefix("```") }
            func report(_ advice: String) {
                findings.append(Finding(path: readme.path, line: index + 1, rule: "readme", advice: advice))
            }
            guard let file = repository.files.first(where: { $0.path == path }) else {
                report("add \(path), or name the file that tests this example")
                continue
            }
            guard let tested = excerpt(of: file) else {
                report("mark what is shown in \(path) with '\(begin)' and '\(end)'")
                continue
            }
            if tested != shown.map(String.init) { report("make this block the same as the marked lines of \(path)") }
        }
        return findings
    }

    /// The lines between the markers, without the indentation of the first marker.
    static func excerpt(of file: SourceFile) -> [String]? {
        let lines = file.lines
        guard let first = lines.firstIndex(where: { $0.drop { $0 == " " } == begin }) else { return nil }
        guard let last = lines[first...].firstIndex(where: { $0.drop { $0 == " " } == end }) else { return nil }
        let indentation = lines[first].prefix { $0 == " " }.count
        return lines[(first + 1)..<last].map { line in
            String(line.dropFirst(min(indentation, line.prefix { $0 == " " }.count)))
        }
    }
}
