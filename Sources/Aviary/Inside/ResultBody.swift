internal import CoreTypes
internal import ZooKeeperWire

/// What follows the reply header of a write's result. The usual ones, a Stat or nothing, need no memory of their own.
struct ResultBody: Sendable {
    private static let inlineByteCount = 72

    private var short = InlineArray<72, UInt8>(repeating: 0)
    private var shortByteCount = 0
    /// In place of `short` if they do not fit.
    private var long: [UInt8] = []
    private var isLong: Bool { !long.isEmpty }

    init(copying body: RawSpan) {
        guard body.byteCount <= Self.inlineByteCount else {
            long = [UInt8](copying: body)
            return
        }
        shortByteCount = body.byteCount
        var target = short.mutableSpan
        unsafe body.withUnsafeBytes { source in
            unsafe target.withUnsafeMutableBytes { unsafe $0.copyMemory(from: source) }
        }
    }

    var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            if isLong { return long.span.bytes }
            return short.span.bytes.extracting(0..<shortByteCount)
        }
    }
}
