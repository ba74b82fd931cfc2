import CoreTypes
import NIOCore
import ZooKeeperWire

/// Those who do not speak ZooKeeper's protocol, or only four letters of it.
extension ClientConnection {
    /// Looks at the first four bytes.
    ///
    /// - Returns: true if they are the length of a frame; else they were answered, and the connection ends.
    func recognise(_ bytes: RawSpan) -> Bool {
        isRecognised = true
        let word = UInt32(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self))
        switch FirstBytes(word, frameByteCountMax: server.configuration.frameByteCountMax) {
        case .frame:
            return true
        case .word(let word):
            answer(text: server.answer(to: word))
        case .unsupportedWord(let word):
            answer(text: FourLetterWord.refusal(of: word))
        case .http:
            server.noteForeign(self, protocolName: "HTTP")
            answer(text: ClientConnection.answerToHTTP)
        case .tls:
            server.noteForeign(self, protocolName: "TLS")
            output.writeBytes(ClientConnection.answerToTLS)
            finish()
        }
        return false
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
