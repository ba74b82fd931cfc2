import Testing
import ZooKeeperWire

@testable import ZooKeeperServer

@Suite("the first four bytes of a connection")
struct FirstBytesTests {
    private func recognise(_ text: String) -> FirstBytes {
        let bytes = Array(text.utf8)
        let word = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return FirstBytes(word, frameByteCountMax: 1_048_575)
    }

    @Test("every four-letter word is known", arguments: FourLetterWord.allCases)
    func words(word: FourLetterWord) { #expect(recognise(word.rawValue) == .word(word)) }

    @Test("methods of HTTP are known", arguments: ["GET ", "POST", "HEAD", "PUT ", "DELE", "OPTI", "PRI "])
    func http(method: String) { #expect(recognise(method) == .perhapsHTTP) }

    @Test(
        "a request of HTTP is told from letters that happen to look like one",
        arguments: [
            ("GET / HT", true), ("GET /ind", true), ("POST /a ", true), ("DELETE /", true), ("OPTIONS ", true),
            ("GET xxxx", false), ("POSTxxxx", false), ("HEADLINE", false),
        ])
    func requests(text: String, isRequest: Bool) {
        #expect(FirstBytes.isHTTP(text.utf8.reduce(0) { $0 << 8 | UInt64($1) }) == isRequest)
    }

    @Test("a hello of TLS is known, whatever its version")
    func tls() {
        for minor in UInt32(0)...4 {
            #expect(FirstBytes(0x1603_0000 | minor << 8, frameByteCountMax: 1_048_575) == .tls)
        }
    }

    @Test("the rest is a length")
    func lengths() {
        #expect(FirstBytes(45, frameByteCountMax: 100) == .frame(.body(byteCount: 45)))
        #expect(FirstBytes(101, frameByteCountMax: 100) == .frame(.tooLong(101)))
        #expect(FirstBytes(0xFFFF_FFFF, frameByteCountMax: 100) == .frame(.negative(-1)))
        #expect(recognise("wchp") == .unsupportedWord("wchp"))
    }
}
