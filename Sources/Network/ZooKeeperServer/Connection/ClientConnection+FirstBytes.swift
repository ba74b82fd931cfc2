import CoreTypes
import NIOCore
import ZooKeeperWire

/// Those who do not speak ZooKeeper's protocol, or only four letters of it.
extension ClientConnection {
    /// What the first bytes of a connection came to.
    enum Recognition {
        /// They are frames.
        case frames
        /// There are too few of them to tell.
        case needsMore
        /// They were answered, and the connection ends.
        case answered
    }

    /// Looks at the first bytes, at least four.
    func recognise(_ bytes: RawSpan) -> Recognition {
        let word = UInt32(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self))
        switch FirstBytes(word, frameByteCountMax: server.configuration.frameByteCountMax) {
        case .frame:
            isRecognised = true
            return .frames
        case .perhapsHTTP:
            guard bytes.byteCount >= 8 else { return .needsMore }
            isRecognised = true
            let eight = UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self))
            // Letters that are no request are a length beyond any limit.
            guard FirstBytes.isHTTP(eight) else { return .frames }
            server.noteForeign(self, protocolName: "HTTP")
            answer(text: ClientConnection.answerToHTTP)
        case .word(let word):
            answer(text: server.answer(to: word))
        case .unsupportedWord(let word):
            answer(text: FourLetterWord.refusal(of: word))
        case .tls:
            server.noteForeign(self, protocolName: "TLS")
            output.writeBytes(ClientConnection.answerToTLS)
            finish()
        }
        isRecognised = true
        return .answered
    }

    private func answer(text: String) {
        output.writeString(text)
        finish()
    }

    private func finish() {
        machine.close()
        server.mark(self)
    }

    private static let answerToHTTP: String = {
        let text = """
            This is a ZooKeeper client port; it does not speak HTTP.
            Connect with a ZooKeeper client, or ask for statistics: echo srvr | nc HOST PORT

            """
        return "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
            + "Content-Length: \(text.utf8.count)\r\nConnection: close\r\n\r\n\(text)"
    }()

    /// A fatal alert, "protocol_version": what a TLS client shows as an error of its own at once (RFC 8446, §6.2).
    private static let answerToTLS: [UInt8] = [0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46]
}
