/// Why a record was not taken. Nothing of it was written.
package enum LogRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// The disk is full: no segment can be prepared. Passes when there is room.
    case noSpace
    /// A write or sync failed earlier; final for this life of the log.
    case failed
    /// The payload is longer than `LogOptions.recordByteCountMax`.
    case tooLarge
    case closed

    package var description: String {
        switch self {
        case .noSpace: "the disk is full: free space on the log's file system; writes go on by themselves then"
        case .failed: "the log failed earlier and takes nothing more: look at its status, then restart"
        case .tooLarge: "the record is longer than a segment can hold: send less at once, or use larger segments"
        case .closed: "the log was closed"
        }
    }
}
