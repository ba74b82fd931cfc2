internal import CLZ4
internal import PosixIO

/// LZ4's block functions over memory that is used again and again.
///
/// The block functions and not LZ4's frame format: the sizes stand in this file's own checked headers before anything is
/// allocated, every block has CRC-32C (the frame format has xxHash-32), and a block is understood without the ones
/// before it. What that gives up is unpacking with the `lz4` program.
final class BlockCodec {
    private var output = AlignedBuffer(byteCount: AlignedBuffer.alignment)

    /// Compresses a block. Returns how many bytes `bytes` then holds, or nil when it would not get smaller.
    func compress(_ block: RawSpan) -> Int? {
        // One byte less than the source is room enough: what needs more is stored as it is.
        let capacity = block.byteCount - 1
        reserve(capacity)
        let output = output
        var target = output.mutableBytes(0..<capacity)
        let count = unsafe block.withUnsafeBytes { source in
            unsafe target.withUnsafeMutableBytes { target in
                unsafe LZ4_compress_default(
                    source.baseAddress, target.baseAddress, Int32(source.count), Int32(target.count))
            }
        }
        return count > 0 ? Int(count) : nil
    }

    /// Decompresses a block that must give exactly `byteCount` bytes, into `bytes`. False when it does not.
    func decompress(_ block: RawSpan, byteCount: Int) -> Bool {
        reserve(byteCount)
        let output = output
        var target = output.mutableBytes(0..<byteCount)
        let count = unsafe block.withUnsafeBytes { source in
            unsafe target.withUnsafeMutableBytes { target in
                unsafe LZ4_decompress_safe(
                    source.baseAddress, target.baseAddress, Int32(source.count), Int32(target.count))
            }
        }
        return Int(count) == byteCount
    }

    /// The first bytes of the last result.
    @_lifetime(borrow self)
    func bytes(_ count: Int) -> RawSpan {
        let output = output
        return unsafe _overrideLifetime(output.bytes(0..<count), borrowing: self)
    }

    private func reserve(_ count: Int) {
        if output.byteCount < count { output = AlignedBuffer(byteCount: count) }
    }
}
