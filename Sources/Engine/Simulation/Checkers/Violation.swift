/// A rule was broken, and how.
package struct Violation: Error, Equatable, Sendable, CustomStringConvertible {
    package var rule: Rule
    /// What was seen, in words, for a person who looks for the error.
    package var text: String

    package init(_ rule: Rule, _ text: String) {
        self.rule = rule
        self.text = text
    }

    package var description: String { "broken: \(rule.rawValue). \(text)" }
}
