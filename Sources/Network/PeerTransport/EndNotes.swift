import Logging

/// What is logged of ended and refused connections: of each kind one a minute, with the number of those left out. What
/// anybody can cause from outside must not fill the log.
struct EndNotes {
    private struct Note {
        var quietUntil: Int64
        var suppressedCount: Int
    }

    private static let periodNanoseconds: Int64 = 60_000_000_000
    /// By kind and replica, both from closed sets.
    private var notes: [String: Note] = [:]

    /// - Returns: nil if this one is to be kept quiet, else how many were since the last that was not.
    mutating func admit(_ key: String, at now: Int64) -> Int? {
        if let note = notes[key], now < note.quietUntil {
            notes[key]?.suppressedCount += 1
            return nil
        }
        let suppressedCount = notes[key]?.suppressedCount ?? 0
        notes[key] = Note(quietUntil: now + EndNotes.periodNanoseconds, suppressedCount: 0)
        return suppressedCount
    }
}
