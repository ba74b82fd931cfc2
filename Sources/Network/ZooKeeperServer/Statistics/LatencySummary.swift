/// Shortest, longest and mean time from a request's arrival to its reply, shown in milliseconds.
struct LatencySummary {
    private(set) var count: UInt64 = 0
    private var sumNanoseconds: Int64 = 0
    private var minNanoseconds: Int64 = .max
    private var maxNanoseconds: Int64 = 0

    mutating func add(nanoseconds: Int64) {
        let time = max(nanoseconds, 0)
        count += 1
        sumNanoseconds &+= time
        if time < minNanoseconds { minNanoseconds = time }
        if time > maxNanoseconds { maxNanoseconds = time }
    }

    var minMilliseconds: Int64 { count == 0 ? 0 : minNanoseconds / 1_000_000 }
    var maxMilliseconds: Int64 { maxNanoseconds / 1_000_000 }
    var sumMilliseconds: Int64 { sumNanoseconds / 1_000_000 }

    /// With up to four digits behind the point, as ZooKeeper prints a double.
    var meanMilliseconds: String {
        guard count > 0 else { return "0.0" }
        // Rounded to 1/10 000 of a millisecond.
        let parts = (sumNanoseconds / Int64(count) + 50) / 100
        var fraction = String(parts % 10_000)
        fraction = String(repeating: "0", count: 4 - fraction.count) + fraction
        while fraction.count > 1, fraction.last == "0" { fraction.removeLast() }
        return "\(parts / 10_000).\(fraction)"
    }
}
