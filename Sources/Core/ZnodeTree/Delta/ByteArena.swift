/// Memory for bytes that live as long as their owner: taken run by run, given back all at once.
///
/// Blocks are never moved, so that a run stays where it is; large runs have a block of their own.
@safe
struct ByteArena: ~Copyable {
    private var blocks: [UnsafeMutableRawPointer]
    private var cursor: UnsafeMutableRawPointer?
    private var left = 0

    /// Bytes that were taken, with what rounding adds.
    private(set) var byteCount = 0

    private static let blockByteCount = 256 * 1_024
    private static let alignment = 8

    init() { unsafe blocks = [] }

    deinit {
        unsafe blocks.forEach { block in unsafe block.deallocate() }
    }

    /// Rounds a size up to what `allocate` would give anyway.
    static func rounded(_ count: Int) -> Int { (count + (alignment - 1)) & ~(alignment - 1) }

    /// Takes `count` bytes, not initialised; `count` is at least 1.
    mutating func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        let wanted = ByteArena.rounded(count)
        byteCount += wanted
        if wanted <= left, let start = unsafe cursor {
            unsafe cursor = start + wanted
            left -= wanted
            return unsafe start
        }
        return unsafe allocateBlock(for: wanted)
    }

    @inline(never)
    private mutating func allocateBlock(for wanted: Int) -> UnsafeMutableRawPointer {
        let isOwnBlock = wanted > ByteArena.blockByteCount / 4
        let size = isOwnBlock ? wanted : ByteArena.blockByteCount
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        unsafe blocks.append(block)
        if !isOwnBlock {
            unsafe cursor = block + wanted
            left = size - wanted
        }
        return unsafe block
    }

    /// Takes a copy of a span.
    mutating func copy(_ span: RawSpan) -> ByteRun {
        let count = span.byteCount
        if count == 0 { return .empty }
        let start = unsafe allocate(count)
        unsafe span.withUnsafeBytes { source in
            if let base = source.baseAddress { unsafe start.copyMemory(from: base, byteCount: count) }
        }
        return unsafe ByteRun(start: start, count: count)
    }
}
