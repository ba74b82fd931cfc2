import BenchmarkSupport

/// What the rounds of the embedded library gave; every list has one value for each round.
struct EmbeddedRounds {
    var bareWrite: [LatencyHistogram] = []
    var oneWriter: [LatencyHistogram] = []
    /// Writes a second of the bare loop.
    var bareGroups: [Double] = []
    var manyWriters: [Double] = []
    var manyLatencies: [LatencyHistogram] = []
    /// The same, each with a znode of its own.
    var ownWriters: [Double] = []
    var ownLatencies: [LatencyHistogram] = []
    /// Durable writes of the log for each set, with many writers.
    var syncsPerWrite: [Double] = []
    var rawGets: [Double] = []
    var storeGets: [Double] = []
    var deltaGets: [Double] = []
    /// Processors that the rest of the machine used.
    var othersCPU: [Double] = []

    private static func percentile(_ share: Double, _ series: [LatencyHistogram]) -> [Double] {
        series.map { Double($0.percentile(share)) }
    }

    /// A figure by the name that `--require` knows.
    func spread(_ name: String) -> Spread {
        switch name {
        case "write1":
            Spread.ratio(of: Self.percentile(0.5, oneWriter), to: Self.percentile(0.5, bareWrite))
        case "write64": Spread.ratio(of: manyWriters, to: bareGroups)
        case "write64-own": Spread.ratio(of: ownWriters, to: bareGroups)
        case "get-lmdb": Spread.ratio(of: storeGets, to: rawGets)
        case "get-delta": Spread.ratio(of: deltaGets, to: rawGets)
        case "get-lmdb-rate": Spread(storeGets)
        case "get-delta-rate": Spread(deltaGets)
        default: Spread([])
        }
    }

    /// The table, and what must be known to read it.
    func lines(writerCount: Int) -> [String] {
        func time(_ share: Double, _ series: [LatencyHistogram]) -> String {
            Figures.time(Spread(Self.percentile(share, series)).median)
        }
        func rate(_ series: [Double]) -> String { Figures.rate(Spread(series).median) }
        let rows = [
            ("write1", "durable set, 1 writer", time(0.5, oneWriter), time(0.99, oneWriter), time(0.5, bareWrite)),
            (
                "write64-own", "durable set, \(writerCount) writers, own znodes", rate(ownWriters),
                time(0.99, ownLatencies), rate(bareGroups)
            ),
            (
                "write64", "durable set, \(writerCount) writers, all znodes", rate(manyWriters),
                time(0.99, manyLatencies), rate(bareGroups)
            ),
            ("get-lmdb", "get from LMDB", rate(storeGets), "-", rate(rawGets)),
            ("get-delta", "get from the delta", rate(deltaGets), "-", rate(rawGets)),
        ]
        var table = TextTable(["what", "Aviary", "p99", "floor", "ratio", "lowest", "highest"])
        for (name, what, own, tail, floor) in rows {
            let ratio = spread(name)
            table.add([
                what, own, tail, floor, Figures.ratio(ratio.median), Figures.ratio(ratio.lowest),
                Figures.ratio(ratio.highest),
            ])
        }
        let syncs = Spread(syncsPerWrite).median
        var lines = [
            table.text,
            "\(writerCount) writers, all znodes: \(Figures.decimal(syncs > 0 ? 1 / syncs : 0, 1)) sets to a durable write;"
                + " bare write: p99 \(time(0.99, bareWrite))",
        ]
        let others = Spread(othersCPU).median
        if others > ServerComparison.Options().othersMax {
            lines.append("note: others used \(Figures.decimal(others, 2)) processors: measure again on a quiet machine")
        }
        return lines
    }

    /// Everything, by round.
    var json: JSONValue {
        func series(_ name: String, _ values: [Double]) -> (String, JSONValue) {
            (name, .array(values.map { .number($0) }))
        }
        return .object([
            series("bareWriteP50", Self.percentile(0.5, bareWrite)),
            series("oneWriterP50", Self.percentile(0.5, oneWriter)),
            series("oneWriterP99", Self.percentile(0.99, oneWriter)), series("bareGroupsRate", bareGroups),
            series("manyWritersRate", manyWriters), series("manyWritersP99", Self.percentile(0.99, manyLatencies)),
            series("ownWritersRate", ownWriters), series("ownWritersP99", Self.percentile(0.99, ownLatencies)),
            series("syncsPerWrite", syncsPerWrite), series("rawGetsRate", rawGets),
            series("storeGetsRate", storeGets), series("deltaGetsRate", deltaGets), series("othersCPU", othersCPU),
        ])
    }
}
