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
    /// Perhaps a request of HTTP: `isHTTP` tells, once there are eight bytes.
    case perhapsHTTP
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
            self = .perhapsHTTP
        } else {
            self = .frame(FrameLength(Int32(bitPattern: bytes), byteCountMax: frameByteCountMax))
        }
    }

    /// How the methods of HTTP begin.
    private static let methods = ["GET ", "HEAD", "POST", "PUT ", "DELE", "CONN", "OPTI", "TRAC", "PATC", "PRI "]

    /// Whether the first eight bytes are those of a request of HTTP: a method and the beginning of a target.
    static func isHTTP(_ bytes: UInt64) -> Bool {
        let letters = stride(from: UInt64(56), through: 0, by: -8).map { UInt8(bytes >> $0 & 0xFF) }
        return beginnings.contains { letters.starts(with: $0.utf8.prefix(8)) }
    }

    private static let beginnings = [
        "GET /", "HEAD /", "POST /", "PUT /", "DELETE /", "CONNECT ", "OPTIONS ", "TRACE /", "PATCH /", "PRI * HT",
        "GET http", "HEAD htt", "POST htt",
    ]

    private static func text(_ bytes: UInt32) -> String? {
        let letters = [UInt8(bytes >> 24), UInt8(bytes >> 16 & 0xFF), UInt8(bytes >> 8 & 0xFF), UInt8(bytes & 0xFF)]
        guard letters.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return nil }
        return String(decoding: letters, as: UTF8.self)
    }
}
