import Testing

@testable import house

@Suite struct LexerTests {
    private func words(_ text: String) -> [String] {
        Lexer([UInt8](text.utf8)).tokens.filter { $0.kind == .word }.map(\.text)
    }

    @Test("comments are no code, nested ones and unfinished ones too")
    func comments() {
        #expect(words("a // b\nc /* d /* e */ f */ g /* h") == ["a", "c", "g"])
    }

    @Test("what a string says is no code, what is interpolated into it is")
    func strings() {
        #expect(words(#"a "b \(c + "d \(e)") f" g"#) == ["a", "c", "e", "g"])
        #expect(words(##"a #"b \(c) \#(d) "# e"##) == ["a", "d", "e"])
        #expect(words("a \"\"\"\nb \" c\n\\(d)\n\"\"\" e") == ["a", "d", "e"])
        #expect(words(#"a "b\" c" d"#) == ["a", "d"])
    }

    @Test("lines are counted through comments and strings")
    func lines() {
        let lexer = Lexer([UInt8]("a\n/* \n\n*/ b \"\"\"\n\n\"\"\"\nc".utf8))
        #expect(lexer.tokens.filter { $0.kind == .word }.map(\.line) == [1, 4, 7])
    }

    @Test("any bytes are split without a trap", arguments: 0..<200 as Range<UInt64>)
    func anyBytes(seed: UInt64) {
        let alphabet = [UInt8]("a\"#\\()/*\n{}[]!:. \u{80}".utf8)
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        let bytes = (0..<60).map { _ -> UInt8 in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return alphabet[Int(state % UInt64(alphabet.count))]
        }
        let lexer = Lexer(bytes)
        #expect(lexer.tokens.allSatisfy { $0.line >= 1 && $0.line <= 61 }, "seed \(seed)")
    }
}
