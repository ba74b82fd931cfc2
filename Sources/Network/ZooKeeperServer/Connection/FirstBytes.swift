import ZooKeeperWire

/// What the first four bytes of a connection are.
///
/// ZooKeeper reads them as a length; as such, letters mean half a gigabyte and more, far above any limit, so nothing is
/// ambiguous.
enum FirstBytes: Equatable {
    /// The length of the first frame.
    case frame(FrameLength)
    case word(FourLetterWord)
    /// A four-letter word of ZooKeeper's that this server does not answer.
    case unsupportedWord(String)
    /// A request of HTTP: somebody took the port for another.
    case http
    /// A hello of TLS: somebody took the port for an encrypted one.
    case tls

    init(_ bytes: UInt32, frameByteCountMax: Int) {
        let text = FirstBytes.text(bytes)
        if bytes >> 16 == 0x1603 {
            self = .tls
        } else if let word = text.flatMap(FourLetterWord.init) {
            self = .word(word)
        } else if let text, FourLetterWord.unsupported.contains(text) {
            self = .unsupportedWord(text)
        } else if let text, FirstBytes.methods.contains(text) {
            self = .http
        } else {
            self = .frame(FrameLength(Int32(bitPattern: bytes), byteCountMax: frameByteCountMax))
        }
    }

    /// How the methods of HTTP begin.
    private static let methods = ["GET ", "HEAD", "POST", "PUT ", "DELE", "CONN", "OPTI", "TRAC", "PATC", "PRI "]

    private static func text(_ bytes: UInt32) -> String? {
        let letters = [UInt8(bytes >> 24), UInt8(bytes >> 16 & 0xFF), UInt8(bytes >> 8 & 0xFF), UInt8(bytes & 0xFF)]
        guard letters.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return nil }
        return String(decoding: letters, as: UTF8.self)
    }
}
