/// What the groups of a log say about the groups before them.
struct Proofs {
    /// For each scan: the number of the first group in the segments after it, if there is one.
    private(set) var nextOrdinal: [UInt64?] = []
    /// For each scan and group: the highest group that it, or one after it, knew to be durable.
    private var durable: [[UInt64]] = []

    init(_ scans: [SegmentScan]) {
        var next: UInt64?
        var known: UInt64 = 0
        for scan in scans.reversed() {
            nextOrdinal.append(next)
            var values: [UInt64] = [known]
            for group in scan.groups.reversed() {
                // A group that was cut before, and superseded by the next segment, proves nothing.
                if next.map({ group.header.ordinal < $0 }) ?? true { known = max(known, group.header.durableThrough) }
                values.append(known)
            }
            durable.append(values.reversed())
            next = scan.groups.first?.header.ordinal ?? next
        }
        nextOrdinal.reverse()
        durable.reverse()
    }

    /// The highest group that was known durable by the group of this number in this scan, or by a later one.
    func durable(from place: Int, _ group: Int) -> UInt64 { durable[place][group] }
}
