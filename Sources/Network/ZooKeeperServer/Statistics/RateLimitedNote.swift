/// Lets one note of a kind through per period and counts the rest: what anybody can cause from outside must not fill
/// the log.
struct RateLimitedNote {
    private let periodNanoseconds: Int64
    private var quietUntil: Int64 = .min
    private var suppressedCount = 0

    init(periodNanoseconds: Int64 = 60_000_000_000) { self.periodNanoseconds = periodNanoseconds }

    /// - Returns: nil if this one is to be kept quiet, else how many were since the last that was not.
    mutating func admit(at now: Int64) -> Int? {
        guard now >= quietUntil else {
            suppressedCount += 1
            return nil
        }
        quietUntil = now + periodNanoseconds
        defer { suppressedCount = 0 }
        return suppressedCount
    }
}
