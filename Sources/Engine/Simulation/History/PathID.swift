/// A path of one history's `PathTable`. Numbers mean nothing from one history to another.
package struct PathID: RawRepresentable, Hashable, Comparable, Sendable {
    package var rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// "/", which every table knows.
    package static var root: PathID { PathID(rawValue: 0) }
    /// No path.
    package static var none: PathID { PathID(rawValue: .max) }

    /// Its place in arrays that have an element for every path.
    var index: Int { Int(rawValue) }

    package static func < (left: PathID, right: PathID) -> Bool { left.rawValue < right.rawValue }
}
