/// What kind of row it is. A file has its sections in ascending order, and in each section its keys.
///
/// This module gives the numbers no meaning but their order; 1 to 4 are counted in the footer, others are refused.
package struct SnapshotSection: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt8

    @inlinable
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    @inlinable
    package static func < (left: SnapshotSection, right: SnapshotSection) -> Bool { left.rawValue < right.rawValue }

    /// How many sections a file can have.
    package static let countMax = 4

    /// The place of its count in the footer; nil for a number that this version does not know.
    var index: Int? { (1...UInt8(Self.countMax)).contains(rawValue) ? Int(rawValue) - 1 : nil }
}
