/// Which four-letter words are answered (`4lw.commands.whitelist`).
package struct FourLetterWordSet: Equatable, Sendable {
    /// Bit n stands for the n-th case of `FourLetterWord`.
    private var bits: UInt64

    private init(bits: UInt64) { self.bits = bits }

    package init(_ words: [FourLetterWord]) {
        bits = 0
        for word in words { bits |= FourLetterWordSet.bit(of: word) }
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
