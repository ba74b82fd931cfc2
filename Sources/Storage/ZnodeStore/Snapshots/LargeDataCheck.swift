internal import Checksums
internal import CoreTypes
internal import ZnodeTree

/// Compares pieces of large data, which come in the order of node ids, with what the rows before them said.
///
/// Memory: 24 bytes for each znode with large data, and the data of one.
struct LargeDataCheck {
    private var expected: [(node: NodeID, data: ZnodeRow.LargeData)] = []
    private var isSorted = false
    /// The place in `expected` of the znode whose pieces come next.
    private var next = 0
    private var pieceCount = 0
    private let bytes = ByteBuilder(capacity: 4_096)

    /// A row refers to data that will come.
    mutating func expect(_ node: NodeID, _ data: ZnodeRow.LargeData) { expected.append((node, data)) }

    /// Takes the next piece. False when it is not the one that must come.
    mutating func take(_ key: RawSpan, _ piece: RawSpan) -> Bool {
        if !isSorted {
            expected.sort { $0.node < $1.node }
            isSorted = true
        }
        guard next < expected.count, let (node, index) = ChunkKey.parse(key) else { return false }
        let wanted = expected[next]
        guard node == wanted.node, index == pieceCount, piece.byteCount > 0,
            bytes.count + piece.byteCount <= wanted.data.byteCount
        else { return false }
        bytes.append(piece)
        pieceCount += 1
        guard bytes.count == wanted.data.byteCount else { return true }
        let bytes = bytes
        guard hash64(bytes.bytes) == wanted.data.hash else { return false }
        bytes.removeAll()
        pieceCount = 0
        next += 1
        return true
    }

    /// All data came whole.
    var isComplete: Bool { next == expected.count && bytes.count == 0 }
}
