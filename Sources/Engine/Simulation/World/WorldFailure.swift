/// Why a simulation is red: what it must never see.
package struct WorldFailure: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        /// A promise was broken.
        case safety
        /// All is whole again, and something does not come to its end.
        case liveness
    }

    package var kind: Kind
    package var text: String
    /// Events until then.
    package var step: UInt64 = 0
    package var time = SimulatedTime.zero

    init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    package var description: String {
        "\(kind.rawValue), at step \(step), \(time.rawValue) us: \(text)"
    }
}
