/// How often a directory was started: what the file `life` says.
///
/// Text, as the identity is: `life N`, then the CRC-32C of that line.
struct LifeNumber: RawRepresentable, Equatable {
    /// Below 2^62, so that counting on does not overflow.
    var rawValue: UInt64

    /// As many lives have different attachments.
    static let countInAttachments: UInt64 = 1 << 20

    init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The file's bytes.
    var text: String {
        let line = "life \(rawValue)\n"
        return line + "crc32c \(DirectoryState.checksum(line))\n"
    }

    /// Reads what `text` writes; nil for anything else.
    init?(_ text: String) {
        let digits = text.dropFirst("life ".count).prefix { $0 != "\n" }
        guard let number = UInt64(digits), number < 1 << 62, LifeNumber(rawValue: number).text == text else {
            return nil
        }
        rawValue = number
    }
}
