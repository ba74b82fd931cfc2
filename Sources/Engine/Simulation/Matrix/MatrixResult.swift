/// What was expected of a case, and what came of it.
struct MatrixResult {
    var number: Int
    var expectation: MatrixExpectation
    var outcome: MatrixOutcome

    /// Whether the cluster did what it must not.
    var isFailure: Bool {
        switch (expectation, outcome) {
        case (.undecidable, _), (_, .correct): false
        case (_, .unsafe): true
        case (_, .unavailable): expectation == .recoverable
        }
    }
}
