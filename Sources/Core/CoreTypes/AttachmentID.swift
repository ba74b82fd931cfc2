/// The connection that holds a session now: unique among all attachments that one replica ever made.
///
/// The upper 32 bits name the life of the process, the lower 32 count the attachments of that life; the engine
/// gives them out. 0 is "none".
@usableFromInline
package struct AttachmentID: RawRepresentable, Hashable, Comparable, Sendable {
    @usableFromInline package var rawValue: UInt64

    @inlinable
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// No attachment.
    @inlinable
    package static var none: AttachmentID { AttachmentID(rawValue: 0) }

    // Comparisons are written out, because the synthesised and defaulted ones are not inlined across modules.

    @inlinable
    package static func == (left: AttachmentID, right: AttachmentID) -> Bool { left.rawValue == right.rawValue }

    @inlinable
    package static func < (left: AttachmentID, right: AttachmentID) -> Bool { left.rawValue < right.rawValue }

    @inlinable
    package static func > (left: AttachmentID, right: AttachmentID) -> Bool { left.rawValue > right.rawValue }

    @inlinable
    package static func <= (left: AttachmentID, right: AttachmentID) -> Bool { left.rawValue <= right.rawValue }

    @inlinable
    package static func >= (left: AttachmentID, right: AttachmentID) -> Bool { left.rawValue >= right.rawValue }
}
