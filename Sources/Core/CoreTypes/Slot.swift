/// A position in the replicated log. Its value is one proposal.
///
/// Slot 0 is "none": the first slot that can hold a proposal is 1.
@usableFromInline
package struct Slot: RawRepresentable, Hashable, Comparable, Sendable {
    @usableFromInline package var rawValue: UInt64

    @inlinable
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// No slot: what precedes the first one.
    @inlinable
    package static var none: Slot { Slot(rawValue: 0) }

    /// The slot that follows this one.
    @inlinable
    package var next: Slot { Slot(rawValue: rawValue + 1) }

    /// The slot before this one; `none` precedes itself.
    @inlinable
    package var previous: Slot { Slot(rawValue: rawValue == 0 ? 0 : rawValue - 1) }

    // Comparisons are written out, because the synthesised and defaulted ones are not inlined across modules.

    @inlinable
    package static func == (left: Slot, right: Slot) -> Bool { left.rawValue == right.rawValue }

    @inlinable
    package static func < (left: Slot, right: Slot) -> Bool { left.rawValue < right.rawValue }

    @inlinable
    package static func > (left: Slot, right: Slot) -> Bool { left.rawValue > right.rawValue }

    @inlinable
    package static func <= (left: Slot, right: Slot) -> Bool { left.rawValue <= right.rawValue }

    @inlinable
    package static func >= (left: Slot, right: Slot) -> Bool { left.rawValue >= right.rawValue }
}
