/// What a scrub found damaged, each with file, place and remedy.
struct ScrubFindings: Sendable {
    var ofStore: [String] = []
    /// In the log and the snapshots.
    var ofFiles: [String] = []

    var all: [String] { ofStore + ofFiles }
}
