/// What the cases of a row came to.
package struct MatrixTally: Sendable {
    package let row: MatrixRow
    /// By expectation, and in it: correct, unsafe, unavailable.
    private var counts: [MatrixExpectation: [Int]] = [:]
    /// Cases that are unsafe or needlessly unavailable, with what happened.
    package private(set) var failures: [(number: Int, text: String)] = []

    init(_ row: MatrixRow) { self.row = row }

    mutating func add(_ result: MatrixResult) {
        var column = counts[result.expectation] ?? [0, 0, 0]
        switch result.outcome {
        case .correct: column[0] += 1
        case .unsafe: column[1] += 1
        case .unavailable: column[2] += 1
        }
        counts[result.expectation] = column
        if result.isFailure { failures.append((result.number, result.outcome.description)) }
    }

    package var caseCount: Int { counts.values.reduce(0) { $0 + $1.reduce(0, +) } }

    /// Name and number, in the order in which they are printed.
    package var figures: [(name: String, count: Int)] {
        let recoverable = counts[.recoverable] ?? [0, 0, 0]
        let noCopy = counts[.noCopy] ?? [0, 0, 0]
        let noQuorum = counts[.noQuorum] ?? [0, 0, 0]
        let undecidable = counts[.undecidable] ?? [0, 0, 0]
        return [
            ("cases", caseCount), ("with a copy", recoverable.reduce(0, +)), ("correct", recoverable[0]),
            ("unsafe", recoverable[1] + noCopy[1] + noQuorum[1]), ("unavailable", recoverable[2]),
            ("without a copy", noCopy.reduce(0, +)), ("safely unavailable", noCopy[2]),
            ("without a quorum", noQuorum.reduce(0, +)), ("undecidable", undecidable.reduce(0, +)),
            ("of these kept", undecidable[0]), ("given up", undecidable[1]), ("waiting", undecidable[2]),
        ]
    }
}
