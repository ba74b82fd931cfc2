/// Bytes that lie in an arena: where, and how many. Valid as long as the arena is; whoever stores one lives in the same
/// object as the arena, or for less long.
@safe
struct ByteRun {
    var start: UnsafeMutableRawPointer?
    var count: Int

    static var empty: ByteRun { unsafe ByteRun(start: nil, count: 0) }

    /// A run that ends earlier.
    func prefix(_ count: Int) -> ByteRun { unsafe ByteRun(start: start, count: count) }

    /// A run that begins later.
    func dropping(_ dropped: Int) -> ByteRun {
        unsafe ByteRun(start: start.map { unsafe $0 + dropped }, count: count - dropped)
    }
}

extension RawSpan {
    /// The bytes of a run.
    ///
    /// - Important: the caller makes sure, by `_overrideLifetime` or by scope, that the arena outlives the span.
    @unsafe
    @_lifetime(immortal)
    init(_ run: ByteRun) {
        let span = unsafe RawSpan(
            _unsafeStart: UnsafeRawPointer(run.start ?? RawSpan.placeholder), byteCount: run.count)
        self = unsafe _overrideLifetime(span, borrowing: ())
    }

    /// An address for spans of no bytes.
    @unsafe
    private static var placeholder: UnsafeMutableRawPointer {
        unsafe UnsafeMutableRawPointer(bitPattern: 16).unsafelyUnwrapped
    }
}
