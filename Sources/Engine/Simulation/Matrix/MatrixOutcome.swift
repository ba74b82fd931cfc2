/// What came of a case.
enum MatrixOutcome: Equatable, CustomStringConvertible {
    /// The cluster serves and has everything that was acknowledged.
    case correct
    /// Something acknowledged is gone, or is something else, and the cluster says nothing.
    case unsafe(String)
    /// The cluster, or a replica that runs, does not come to serve.
    case unavailable(String)

    var description: String {
        switch self {
        case .correct: "correct"
        case .unsafe(let what): "UNSAFE: \(what)"
        case .unavailable(let what): "unavailable: \(what)"
        }
    }
}
