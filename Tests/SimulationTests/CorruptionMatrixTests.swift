import Testing

@testable import Simulation

/// A slice of the matrix; `simulate matrix` runs all of it.
@Suite("The corruption matrix")
struct CorruptionMatrixTests {
    @Test("every row: nothing acknowledged is lost, and what has a copy comes back", arguments: MatrixRow.allCases)
    func slice(row: MatrixRow) {
        let tally = CorruptionMatrix(seed: 1).run(row, stride: row.caseCount / 24)
        #expect(tally.caseCount >= 24)
        let failures = tally.failures.map { "case \($0.number): \($0.text)" }
        #expect(failures.isEmpty)
    }

    @Test("2401 of 4096 combinations leave a copy of everything")
    func combinations() {
        let cases = MatrixCases(seed: 1)
        let history = cases.history(MatrixHistoryPlan())
        for row in [MatrixRow.payload, .header] {
            let recoverableCount = (0..<row.caseCount).count { number in
                MatrixOracle(history, cases.make(row, number).damages).expectation == .recoverable
            }
            #expect(recoverableCount == 2_401)
        }
    }

    @Test("what no replica has is not served as if it had never been")
    func withoutCopy() {
        let result = CorruptionMatrix(seed: 1).run(.payload, 0b0001_0001_0001)
        #expect(result.expectation == .noCopy)
        #expect(result.outcome != .correct && !result.isFailure)
    }

    @Test("a log whose first segment is gone does not deny what stood there")
    func firstSegmentMissing() {
        // At two replicas of three.
        let result = CorruptionMatrix(seed: 1).run(.files, 14)
        #expect(!result.isFailure, "\(result.outcome)")
    }

    @Test(
        "the only copy of a chosen value may be with one who does not know that it is chosen, or at one who is not sure",
        arguments: [193, 384, 490, 524, 672, 912, 1056])
    func onlyCopyElsewhere(number: Int) {
        let result = CorruptionMatrix(seed: 1).run(.lagging, number)
        #expect(result.expectation == .recoverable && result.outcome == .correct, "\(result.outcome)")
    }

    @Test("equal seeds draw equal cases, other seeds other ones")
    func determinism() {
        func damages(_ seed: UInt64) -> [String] {
            MatrixCases(seed: seed).make(.corruption, 17).damages.map(\.description)
        }
        #expect(damages(1) == damages(1))
        #expect(damages(1) != damages(2))
    }
}
