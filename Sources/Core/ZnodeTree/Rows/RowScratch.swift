import CoreTypes

/// Memory in which one row after another is encoded: reserved once for a row, then written without further checks.
@safe
struct RowScratch: ~Copyable {
    private var start: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    /// The longest varint.
    static let varintByteCountMax = 10

    init(capacity: Int = 4_096) {
        self.capacity = max(capacity, 64)
        unsafe start = UnsafeMutableRawPointer.allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit { unsafe start.deallocate() }

    /// What was written since the last `begin`.
    var bytes: RawSpan {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(RawSpan(_unsafeStart: start, byteCount: count), borrowing: self) }
    }

    /// Starts a new row of at most `byteCountMax` bytes.
    mutating func begin(byteCountMax: Int) {
        count = 0
        if byteCountMax > capacity {
            unsafe start.deallocate()
            capacity = byteCountMax
            unsafe start = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        }
    }

    mutating func put(byte: UInt8) {
        assert(count + 1 <= capacity)
        unsafe start.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    mutating func put(fixed value: UInt64) {
        assert(count + 8 <= capacity)
        unsafe start.storeBytes(of: value.littleEndian, toByteOffset: count, as: UInt64.self)
        count += 8
    }

    /// Seven bits a byte, low ones first, the top bit says that more follow.
    mutating func put(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            put(byte: UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        put(byte: UInt8(truncatingIfNeeded: rest))
    }

    /// A signed number, small ones of either sign short.
    mutating func put(zigzag value: Int64) { put(varint: UInt64(bitPattern: (value << 1) ^ (value >> 63))) }

    mutating func put(_ span: RawSpan) {
        let added = span.byteCount
        assert(count + added <= capacity)
        unsafe span.withUnsafeBytes { source in
            if let base = source.baseAddress, added > 0 {
                unsafe (start + count).copyMemory(from: base, byteCount: added)
            }
        }
        count += added
    }

    mutating func overwrite(at offset: Int, fixed value: UInt64) {
        invariant(offset + 8 <= count, "overwrite at \(offset) of \(count) bytes")
        unsafe start.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self)
    }
}
