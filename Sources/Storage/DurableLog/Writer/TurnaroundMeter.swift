/// Measures how long the clients that a sync released take to come back with their next records.
///
/// A value without clock; the clock is asked for once a group.
struct TurnaroundMeter: Sendable {
    private var releasedAt: UInt64 = 0
    /// Writers that must still arrive until half of those released are back; 0 when nothing is being measured.
    private var missing = 0
    private var sample: UInt64?

    /// Writers have arrived.
    mutating func arrived(_ count: Int, now: () -> UInt64) {
        guard missing > 0 else { return }
        missing -= count
        if missing <= 0 {
            missing = 0
            sample = now() - releasedAt
        }
    }

    /// A sync ended and released some writers: the measurement of the sync before it is over, if it was not yet.
    mutating func released(_ count: Int, at now: UInt64) {
        if missing > 0 { sample = now - releasedAt }
        releasedAt = now
        missing = (count + 1) / 2
    }

    /// The measurement that has ended since this was asked last.
    mutating func takeSample() -> UInt64? {
        defer { sample = nil }
        return sample
    }
}
