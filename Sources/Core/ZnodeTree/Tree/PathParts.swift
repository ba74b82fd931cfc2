internal import CoreTypes

/// A path cut at its last slash, as ZooKeeper cuts it: by bytes, without checking it.
struct PathParts: ~Escapable {
    /// The path of the parent; "/" for a znode right below the root.
    let parent: RawSpan
    /// What follows the last slash.
    let name: RawSpan
    /// False for "//name": what precedes the last slash is the root's path, but no znode has this one.
    let isReachable: Bool

    /// Nil without a slash.
    @_lifetime(copy path)
    init?(_ path: RawSpan) {
        var index = path.byteCount - 1
        while index >= 0, unsafe path.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self) != UInt8(ascii: "/") {
            index -= 1
        }
        guard index >= 0 else { return nil }
        parent = path.extracting(0..<max(index, 1))
        name = path.extracting((index + 1)..<path.byteCount)
        isReachable = index != 1 || !parent.isRootPath
    }

}

extension RawSpan {
    /// Whether it is "/".
    var isRootPath: Bool {
        byteCount == 1 && (unsafe unsafeLoad(fromUncheckedByteOffset: 0, as: UInt8.self)) == UInt8(ascii: "/")
    }

    /// Whether a byte is 0: ZooKeeper refuses such a path before it looks at anything else.
    var containsZero: Bool {
        for index in 0..<byteCount where unsafe unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self) == 0 {
            return true
        }
        return false
    }
}
