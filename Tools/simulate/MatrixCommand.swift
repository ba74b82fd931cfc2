import ArgumentParser
import Simulation

/// Starts clusters on damaged disks.
struct MatrixCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "matrix",
        abstract: "Starts clusters of three on damaged disks, and counts what comes of it.",
        discussion: """
            Every case must come back with everything that was acknowledged, if there is a copy of it, or else say that it \
            cannot. One case alone (--case) is told step by step.

            Exit status: 0 all is well; 64 wrong command line; 129 a case was unsafe or needlessly unavailable.
            """)

    @Option(help: "Rows, with commas between them; \"all\" for every one.") var rows = "all"
    @Option(help: "About how many cases of each row; \"all\" for every one.") var cases = "all"
    @Option(help: "One row, with --case.") var row: String?
    @Option(name: .customLong("case"), help: "One case of the row.") var number: Int?
    @Option(help: "What the cases that are drawn at random are drawn from.") var seed: UInt64 = 1
    @Flag(help: "Prints a line of JSON for each row.") var json = false

    func validate() throws {
        for name in names where MatrixRow(rawValue: name) == nil {
            throw ValidationError("no row \(name); there are: \(MatrixRow.allCases.map(\.rawValue))")
        }
        if cases != "all", Int(cases).map({ $0 < 1 }) ?? true { throw ValidationError("--cases: a number, or all") }
        guard let number else { return }
        guard let row = row.flatMap(MatrixRow.init), (0..<row.caseCount).contains(number) else {
            throw ValidationError("--case needs a --row, and a number of it")
        }
    }

    private var names: [String] {
        if let row { return [row] }
        return rows == "all" ? MatrixRow.allCases.map(\.rawValue) : rows.split(separator: ",").map(String.init)
    }

    func run() throws {
        let matrix = CorruptionMatrix(seed: seed)
        if let row = row.flatMap(MatrixRow.init), let number {
            return matrix.explain(row, number) { print($0) }
        }
        var isWell = true
        for row in names.compactMap(MatrixRow.init) {
            let step = Int(cases).map { max(1, row.caseCount / $0) } ?? 1
            let clock = ContinuousClock()
            let start = clock.now
            let tally = matrix.run(row, stride: step)
            let report = MatrixReport(tally, seed: seed, duration: start.duration(to: clock.now))
            print(json ? report.json : report.text)
            if !tally.failures.isEmpty { isWell = false }
        }
        if !isWell { throw ExitCode(129) }
    }
}
