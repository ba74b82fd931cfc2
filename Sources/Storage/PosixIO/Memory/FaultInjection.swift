package import SystemPackage

/// Makes a call of a file system in memory fail.
package struct FaultInjection: Sendable {
    /// The kind of call; nil means any.
    package var operation: FileOperation?
    /// Counts matching calls from the moment of injection: 1 is the next one.
    package var ordinal: Int
    package var errno: Errno
    /// Every matching call from that one on fails too.
    package var isPersistent: Bool
    /// Only calls for a path that contains this.
    package var pathPart: String?
    /// Only reads and writes that touch these bytes.
    package var offsets: Range<UInt64>?
    /// How many bytes of a write reach the live file before it fails.
    package var shortByteCount: Int

    package init(
        _ operation: FileOperation?, ordinal: Int = 1, errno: Errno, isPersistent: Bool = false,
        pathPart: String? = nil, offsets: Range<UInt64>? = nil, shortByteCount: Int = 0
    ) {
        self.operation = operation
        self.ordinal = ordinal
        self.errno = errno
        self.isPersistent = isPersistent
        self.pathPart = pathPart
        self.offsets = offsets
        self.shortByteCount = shortByteCount
    }

    func matches(_ call: RecordedCall) -> Bool {
        if let operation, operation != call.operation { return false }
        if let pathPart, !call.path.string.contains(pathPart) { return false }
        if let offsets {
            guard let start = call.offset else { return false }
            return offsets.overlaps(start..<(start + UInt64(call.byteCount)))
        }
        return true
    }
}
