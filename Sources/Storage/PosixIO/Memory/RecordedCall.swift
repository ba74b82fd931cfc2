package import SystemPackage

/// A call that a file system in memory was asked for, whether it worked or not.
package struct RecordedCall: Sendable, Equatable {
    package var operation: FileOperation
    package var path: FilePath
    /// For reads and writes.
    package var offset: UInt64?
    package var byteCount: Int = 0
    /// A write that was durable when it returned.
    package var isDataSync: Bool = false
}
