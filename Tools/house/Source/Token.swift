/// A piece of Swift code, as far as the rules need to tell pieces apart. Comments are no tokens.
struct Token: Equatable {
    enum Kind: Equatable {
        /// A word: a name, a keyword, a number, `#if`.
        case word
        /// One character that is none of the others.
        case symbol
        /// A whole literal; what is interpolated into it follows as tokens of its own.
        case string
    }

    var kind: Kind
    var text: String
    /// Counted from 1.
    var line: Int
    /// White space, a comment or the start of the file stands before it.
    var followsSpace: Bool
}
