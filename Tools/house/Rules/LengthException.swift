/// A file or function that may be longer than the rule says, for now.
///
/// The list only shrinks: an entry that allows more than is needed is a finding itself.
struct LengthException {
    var path: String
    /// The function's name, or nil for the whole file.
    var function: String?
    var lineCount: Int

    static let all: [LengthException] = []
}
