import CoreTypes

/// What one side tells the other before it closes a connection whose handshake failed:
///
/// ```
/// 0   1   2       4
/// +---+---+-------+------
/// | 3 | 0 | bytes | text, UTF-8
/// +---+---+-------+------
/// ```
enum Rejection {
    static let kind: UInt8 = 3
    static let headByteCount = 4
    static let textByteCountMax = 256

    static func append(_ text: String, to builder: ByteBuilder) {
        let bytes = Array(text.utf8.prefix(textByteCountMax))
        builder.append(littleEndian: kind)
        builder.append(littleEndian: UInt8(0))
        builder.append(littleEndian: UInt16(bytes.count))
        builder.append(bytes.span.bytes)
    }

    /// Its text, of which only printable ASCII is kept: whoever sent it may be anybody.
    ///
    /// - Returns: nil while it is not whole.
    static func read(_ bytes: RawSpan) -> String? {
        guard bytes.byteCount >= headByteCount else { return nil }
        let byteCount = min(Int(bytes.uint16(at: 2)), textByteCountMax)
        guard bytes.byteCount >= headByteCount + byteCount else { return nil }
        let text = bytes.extracting(headByteCount..<(headByteCount + byteCount)).withUnsafeBytes { [UInt8]($0) }
        return String(decoding: text.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
