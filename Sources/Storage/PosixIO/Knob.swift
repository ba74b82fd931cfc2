package final class Knob: @unchecked Sendable {
    package static let shared = Knob()
    package var writeStart: UInt64 = 0
    package var writeEnd: UInt64 = 0
    package var firstDeliver: UInt64 = 0
    package var deliverEnd: UInt64 = 0
    package var firstDeliverEnd: UInt64 = 0
    package var arrivals: [UInt64] = []
    package var sums = [Int64](repeating: 0, count: 12)
    package var turns = 0
    package var last: UInt64 = 0
    package func turn() {
        guard writeEnd != 0, arrivals.count > 40, firstDeliver > writeEnd else { arrivals.removeAll(keepingCapacity: true); return }
        let k = arrivals.count
        let v = [firstDeliver &- writeEnd, firstDeliverEnd &- writeEnd, deliverEnd &- writeEnd, arrivals[0] &- writeEnd, arrivals[k / 4] &- writeEnd, arrivals[k / 2] &- writeEnd, arrivals[k * 3 / 4] &- writeEnd, arrivals[k - 1] &- writeEnd, writeStart &- writeEnd]
        for i in v.indices { sums[i] &+= Int64(bitPattern: v[i]) }
        turns += 1
        arrivals.removeAll(keepingCapacity: true)
        if writeStart &- last > 1_000_000_000 {
            let n = Int64(max(turns, 1)) * 1000
            print("line turns", turns, "first deliver", sums[0] / n, "woke", sums[1] / n, "deliver end", sums[2] / n, "| arrivals first", sums[3] / n, "1/4", sums[4] / n, "1/2", sums[5] / n, "3/4", sums[6] / n, "last", sums[7] / n, "| write start", sums[8] / n)
            last = writeStart
            turns = 0
            sums = [Int64](repeating: 0, count: 12)
        }
    }
}
