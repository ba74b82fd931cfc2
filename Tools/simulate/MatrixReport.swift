import Simulation

/// What a row of the matrix came to, in words.
struct MatrixReport {
    private let tally: MatrixTally
    private let seed: UInt64
    private let duration: Duration
    private static let shownFailureCountMax = 5

    init(_ tally: MatrixTally, seed: UInt64, duration: Duration) {
        self.tally = tally
        self.seed = seed
        self.duration = duration
    }

    var text: String {
        let row = tally.row
        var lines = ["\(row.rawValue): \(row.title) (\(duration.components.seconds) s)"]
        lines.append("  " + tally.figures.map { "\($0.name) \($0.count)" }.joined(separator: ", "))
        lines.append("  paper: \(row.paper)")
        for failure in tally.failures.prefix(Self.shownFailureCountMax) {
            lines.append("  FAILED: simulate matrix --seed \(seed) --row \(row.rawValue) --case \(failure.number)")
            lines.append("    \(failure.text)")
        }
        return lines.joined(separator: "\n")
    }

    var json: String {
        let figures = tally.figures.map { "\"\($0.name)\": \($0.count)" }.joined(separator: ", ")
        return "{\"row\": \"\(tally.row.rawValue)\", \"seed\": \(seed), \(figures)}"
    }
}
