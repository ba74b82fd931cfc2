/// A bound that a run must keep: `set/16x8:rate>=3` wants at least three times ZooKeeper's rate.
///
/// The figure is the median over rounds of the ratio between the first server and the one named behind `@` (default:
/// every ZooKeeper that took part, the better of which counts). `counter(NAME)` is no ratio: the least that the
/// counter of this name, with or without `zk_` before it, moved in one round; 0 if there is none.
package struct Requirement: Sendable, CustomStringConvertible {
    package enum Subject: Sendable, Equatable {
        case ratio(RoundFigures.Metric)
        case counter(String)
    }

    package let description: String
    package let workload: Workload
    package let subject: Subject
    /// The server that is compared with; nil means all that are called `zookeeper...`.
    package let reference: String?
    package let isMinimum: Bool
    package let bound: Double

    package init(parsing text: String) throws {
        func wrong(_ what: String) -> BenchmarkError {
            BenchmarkError(
                "'\(text)' is not a requirement (\(what)); write WORKLOAD:METRIC>=NUMBER or <=, for example"
                    + " set/16x8:rate>=3, set/1x1:p50@floor<=1.2 or set/64x32:counter(checkpoint_count)>=3")
        }
        let compact = text.filter { $0 != " " }
        guard let colon = compact.firstIndex(of: ":") else { throw wrong("no colon behind the workload") }
        workload = try Workload(parsing: String(compact[..<colon]))
        let rest = compact[compact.index(after: colon)...]
        guard let sign = rest.firstIndex(where: { $0 == ">" || $0 == "<" }) else { throw wrong("no >= or <=") }
        guard rest[sign...].dropFirst().first == "=", let bound = Double(rest[sign...].dropFirst(2)) else {
            throw wrong("no number behind >= or <=")
        }
        let parts = rest[..<sign].split(separator: "@", omittingEmptySubsequences: false)
        guard let name = parts.first, parts.count <= 2 else { throw wrong("no metric") }
        reference = parts.count == 2 ? String(parts[1]) : nil
        if name.hasPrefix("counter("), name.hasSuffix(")") {
            subject = .counter(String(name.dropFirst(8).dropLast()))
        } else if let metric = RoundFigures.Metric(rawValue: String(name)) {
            subject = .ratio(metric)
        } else {
            throw wrong("metrics are \(RoundFigures.Metric.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.bound = bound
        isMinimum = rest[sign] == ">"
        description = text
    }

    /// True when a value keeps the bound.
    package func holds(_ value: Double) -> Bool { isMinimum ? value >= bound : value <= bound }

    /// The figure, or nil when the run does not contain it.
    package func figure(in outcomes: [ServerComparison.Outcome], names: [String], primary: Int) -> Double? {
        guard let outcome = outcomes.first(where: { $0.workload == workload }) else { return nil }
        switch subject {
        case .counter(let name):
            return outcome.rounds[primary].map { $0.counters[name] ?? $0.counters["zk_\(name)"] ?? 0 }.min()
        case .ratio(let metric):
            let references = names.indices.filter { index in
                index != primary && (reference.map { $0 == names[index] } ?? names[index].hasPrefix("zookeeper"))
            }
            return outcome.worstRatio(metric, of: primary, to: references)
        }
    }
}
