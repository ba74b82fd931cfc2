/// Microseconds since a simulation began.
package struct SimulatedTime: RawRepresentable, Hashable, Comparable, Sendable {
    package var rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static var zero: SimulatedTime { SimulatedTime(rawValue: 0) }

    package func adding(microseconds: UInt64) -> SimulatedTime { SimulatedTime(rawValue: rawValue + microseconds) }

    package static func < (left: SimulatedTime, right: SimulatedTime) -> Bool { left.rawValue < right.rawValue }
}
