import Simulation

/// What several seeds came to, in words.
struct ReportSums {
    private var counters = WorldCounters()
    private var network = NetworkCounters()
    private var seedCount = 0
    private(set) var failedCount = 0
    private var stepCount: UInt64 = 0
    private var microseconds: UInt64 = 0
    private var operationCount = 0
    private var undecidedCount = 0

    mutating func add(_ report: WorldReport) {
        counters.add(report.counters)
        network.add(report.network)
        seedCount += 1
        if report.failure != nil { failedCount += 1 }
        stepCount += report.stepCount
        microseconds += report.time.rawValue
        operationCount += report.operationCount
        undecidedCount += report.undecidedCount
    }

    /// What is counted and never happened; except for what nobody wants to happen.
    var missing: [String] {
        counters.named.filter { $0.count == 0 && $0.name != "starts refused for a block" }.map(\.name)
    }

    func description(over duration: Duration) -> String {
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        let hours = Double(microseconds) / 3.6e9
        var lines = counters.named.map { "  \($0.name): \($0.count)" }
        lines.append("  frames: \(network)")
        lines.append("  operations: \(operationCount); partitions not decided: \(undecidedCount)")
        lines.append(
            "\(failedCount == 0 ? "all well" : "\(failedCount) FAILED"): \(seedCount) seeds, \(stepCount) steps, \(rounded(hours)) simulated hours in "
                + "\(rounded(seconds)) s: \(Int(Double(stepCount) / seconds)) steps and "
                + "\(rounded(hours / seconds * 3_600)) simulated seconds a second")
        return lines.joined(separator: "\n")
    }

    private func rounded(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
