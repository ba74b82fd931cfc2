internal import SystemPackage

/// A segment whose blocks, headers and name are durable and that holds no group yet: the writer may go on in it without
/// any change to the file system's metadata.
struct PreparedSegment: Sendable {
    var header: SegmentHeader
    var path: FilePath
}
