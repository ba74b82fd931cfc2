import CoreTypes

/// The corruption matrix of protocol-aware recovery: clusters of three start on disks that are damaged in every way, and
/// must have everything that was acknowledged, or say that they cannot.
package final class CorruptionMatrix {
    private let cases: MatrixCases

    package init(seed: UInt64) { cases = MatrixCases(seed: seed) }

    /// Runs cases of a row.
    ///
    /// - Parameter stride: every how manyth case.
    package func run(_ row: MatrixRow, stride step: Int = 1) -> MatrixTally {
        var tally = MatrixTally(row)
        for number in stride(from: 0, to: row.caseCount, by: max(step, 1)) { tally.add(run(row, number)) }
        return tally
    }

    /// Runs one case and says what happens.
    package func explain(_ row: MatrixRow, _ number: Int, say: (String) -> Void) {
        withoutActuallyEscaping(say) { say in
            let result = run(row, number, say)
            say("expected: \(result.expectation.rawValue); came to: \(result.outcome)")
        }
    }

    func run(_ row: MatrixRow, _ number: Int, _ say: ((String) -> Void)? = nil) -> MatrixResult {
        let made = cases.make(row, number)
        let history = cases.history(made.plan)
        let oracle = MatrixOracle(history, made.damages)
        let expectation = oracle.expectation
        if let say {
            for entry in history.entries { say("\(entry.path) was acknowledged in slot \(entry.slot.rawValue)") }
            for damage in made.damages { say("\(damage)") }
            for line in oracle.lines { say(line) }
        }
        let trial = MatrixTrial(history: history, matrixCase: made, expectation: expectation, say: say)
        return MatrixResult(number: number, expectation: expectation, outcome: trial.run())
    }
}
