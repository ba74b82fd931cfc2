/// Which four-letter words are answered (`4lw.commands.whitelist`).
package struct FourLetterWordSet: Equatable, Sendable {
    /// Bit n stands for the n-th case of `FourLetterWord`.
    private var bits: UInt64

    private init(bits: UInt64) { self.bits = bits }

    package init(_ words: [FourLetterWord]) {
        bits = 0
        for word in words { bits |= FourLetterWordSet.bit(of: word) }
    }

    /// Words separated by commas, `*` for all of them; nil if one is no word of this server's.
    package init?(parsing text: String) {
        var words: [FourLetterWord] = []
        for part in text.split(separator: ",") {
            let name = part.filter { !$0.isWhitespace }
            if name == "*" {
                words = FourLetterWord.allCases
            } else if let word = FourLetterWord(rawValue: name) {
                words.append(word)
            } else {
                return nil
            }
        }
        self.init(words)
    }

    /// What is answered unless the configuration says otherwise: nothing that changes or lists what clients do.
    package static let standard = FourLetterWordSet([.ruok, .srvr, .stat, .mntr, .envi, .isro, .conf])

    package static let all = FourLetterWordSet(FourLetterWord.allCases)

    package func contains(_ word: FourLetterWord) -> Bool { bits & FourLetterWordSet.bit(of: word) != 0 }

    package var words: [FourLetterWord] { FourLetterWord.allCases.filter(contains) }

    private static func bit(of word: FourLetterWord) -> UInt64 {
        1 << UInt64(FourLetterWord.allCases.firstIndex(of: word) ?? 63)
    }
}
