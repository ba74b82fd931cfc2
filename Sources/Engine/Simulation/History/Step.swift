/// A place in the run of a simulation: every event of the whole cluster has one of its own, so that steps tell exactly
/// what came before what, in real time.
package struct Step: RawRepresentable, Hashable, Comparable, Sendable {
    package var rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// After every step: the response of an operation that nobody heard of again.
    package static var never: Step { Step(rawValue: .max) }

    package static func < (left: Step, right: Step) -> Bool { left.rawValue < right.rawValue }
}
