/// One departure from the rules of the house, and what to do about it.
struct Finding: Hashable, Comparable, CustomStringConvertible {
    var path: String
    /// Counted from 1; 1 too when the finding is about the whole file or folder.
    var line: Int
    /// The rule's short name.
    var rule: String
    /// An instruction, not a complaint.
    var advice: String

    var description: String { "\(path):\(line): \(rule): \(advice)" }

    static func < (left: Finding, right: Finding) -> Bool {
        (left.path, left.line, left.rule, left.advice) < (right.path, right.line, right.rule, right.advice)
    }
}
