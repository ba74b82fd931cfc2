internal import Checksums
internal import CoreTypes

/// From the path of a znode that has children to its id, so that a deep path costs one look-up and not one a component.
///
/// Direct-mapped and lossy: a path takes the place of another of the same slot. An entry is right as long as it is
/// there: ids are never reused, and whoever deletes a znode takes its path out.
struct PathCache {
    private struct Entry {
        var hash: UInt64 = 0
        var node = NodeID.none
        var path: [UInt8] = []
    }

    private static let slotCount = 16_384
    /// Longer paths are not kept, which bounds the memory.
    private static let pathByteCountMax = 512

    private var entries = [Entry](repeating: Entry(), count: PathCache.slotCount)

    private static func slot(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (slotCount - 1) }

    /// The id of the znode at a path; nil if it is not known here.
    func node(at path: RawSpan, hash: UInt64) -> NodeID? {
        let slot = PathCache.slot(hash)
        guard entries[slot].hash == hash, entries[slot].node != .none else { return nil }
        let isEqual = unsafe entries[slot].path.withUnsafeBytes { unsafe Bytes.equal(path, RawSpan(_unsafeBytes: $0)) }
        return isEqual ? entries[slot].node : nil
    }

    mutating func insert(_ path: RawSpan, hash: UInt64, node: NodeID) {
        guard path.byteCount <= PathCache.pathByteCountMax else { return }
        let bytes = unsafe path.withUnsafeBytes { unsafe [UInt8]($0) }
        entries[PathCache.slot(hash)] = Entry(hash: hash, node: node, path: bytes)
    }

    /// The znode at a path is deleted.
    mutating func remove(_ path: RawSpan) {
        let hash = hash64(path)
        let slot = PathCache.slot(hash)
        if entries[slot].hash == hash { entries[slot].node = .none }
    }

    mutating func removeAll() {
        for index in entries.indices { entries[index].node = .none }
    }
}
