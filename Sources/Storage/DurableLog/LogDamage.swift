package import CoreTypes
package import SystemPackage

/// A place in the log whose bytes are not what was written there.
package struct LogDamage: Hashable, Sendable, CustomStringConvertible {
    package enum Part: Hashable, Sendable {
        /// One of the two copies of a segment's header; the other one is whole.
        case oneSegmentHeader
        case segmentHeader
        case fileSize
        /// Groups whose headers are gone, by their numbers.
        case groups(first: UInt64, last: UInt64)
        case recordTable
        case payload(Slot)
    }

    package var path: FilePath
    package var offset: UInt64
    package var part: Part
    /// Does a later group prove that these bytes were durable once?
    package var wasDurable: Bool

    package var description: String {
        "\(path), offset \(offset): \(partDescription)\(wasDurable ? ", which was durable once" : "")"
    }

    private var partDescription: String {
        switch part {
        case .oneSegmentHeader: "one of two copies of the segment header is damaged"
        case .segmentHeader: "both copies of the segment header are damaged"
        case .fileSize: "the file has not the size that its header names"
        case .groups(let first, let last) where first == last: "group \(first) is damaged"
        case .groups(let first, let last): "groups \(first) to \(last) are damaged"
        case .recordTable: "the table of records is damaged"
        case .payload(let slot): "the record of slot \(slot.rawValue) is damaged"
        }
    }
}
