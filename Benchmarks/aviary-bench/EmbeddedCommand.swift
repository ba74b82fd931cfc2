import ArgumentParser
import Aviary
import BenchmarkSupport

/// Compares the embedded library with the floors under it.
struct EmbeddedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embedded",
        abstract: "Compares the embedded library with bare writes and with raw LMDB.",
        discussion: """
            Five ratios, each from rounds that alternate with their floor:
              write1       time of a durable set by one writer / time of a bare durable 4 KiB write (p50 each)
              write64-own  rate of 64 writers, each with a znode of its own / rate of a bare loop that makes the same \
            bytes durable in groups of 32
              write64      the same with writers that set all znodes at random: each set looks its znode up, and \
            checkpoints rewrite most of the store
              get-lmdb     gets from LMDB, the delta being empty / raw mdb_get of the same strings
              get-delta    gets of znodes that were just written, from the delta / raw mdb_get
            and two rates: get-lmdb-rate and get-delta-rate, in gets a second of one thread. Paths have three \
            components, values 100 bytes, keys are chosen at random.

            Example:
              aviary-bench embedded --require 'write1<=1.3' --require 'write64>=0.7' \\
                  --require 'write64-own>=0.7' --require 'get-lmdb>=0.4' \\
                  --require 'get-delta-rate>=1000000'
            """)

    static let names = ["write1", "write64-own", "write64", "get-lmdb", "get-delta", "get-lmdb-rate", "get-delta-rate"]

    @Option(help: "How many znodes the tree has.")
    var keys = 100_000
    @Option(name: .customLong("value-bytes"), help: "The size of a value.")
    var valueByteCount = 100
    @Option(help: "How many rounds.")
    var rounds = 5
    @Option(help: "How long each part of a round is.")
    var seconds = 2.0
    @Option(help: "How many writers write at once, where many do.")
    var writers = 64
    @Option(name: .customLong("delta-keys"), help: "How many znodes are written before they are read from the delta.")
    var deltaKeyCount = 10_000
    @Option(help: "A bound to keep, such as 'write1<=1.3'; may be repeated.")
    var require: [String] = []
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard 1000...10_000_000 ~= keys, rounds >= 1, seconds > 0, writers >= 1, 1...keys ~= deltaKeyCount,
            8...1_000_000 ~= valueByteCount
        else { throw ValidationError("1000 to 10,000,000 keys, values of 8 to 1,000,000 bytes, a round, a writer") }
        do { _ = try bounds() } catch let error as BenchmarkError { throw ValidationError(error.description) }
    }

    private func bounds() throws -> [Bound] { try require.map { try Bound(parsing: $0, names: Self.names) } }

    func run() async throws {
        let directory = try common.prepareDirectory()
        let machine = MachineDescription(directory: directory)
        common.print(machine.lines + ["\(keys) znodes of \(valueByteCount) bytes at depth 3, \(rounds) rounds", ""])
        var options = StoreOptions()
        options.checkpointIntervalSeconds = 3600
        let measurement = try EmbeddedMeasurement(
            directory: directory, keyCount: keys, valueByteCount: valueByteCount,
            nanoseconds: UInt64(seconds * 1e9), options: options)
        Progress.say("making \(keys) znodes")
        try await measurement.prepare()
        let scratch = "\(directory)/lmdb-floor"
        defer {
            ScratchDirectory.remove(scratch)
            ScratchDirectory.remove(measurement.storeDirectory)
        }
        let lmdb = try LMDBFloor(.path, directory: scratch, keyCount: keys, rowByteCount: valueByteCount + 40)
        _ = try lmdb.load()
        var figures = EmbeddedRounds()
        for round in 0..<rounds { try await self.round(round, measurement, lmdb, directory, &figures) }
        try report(figures, machine)
    }

    private func round(
        _ round: Int, _ measurement: EmbeddedMeasurement, _ lmdb: LMDBFloor, _ directory: String,
        _ figures: inout EmbeddedRounds
    ) async throws {
        let seed = UInt64(round) * 1000
        let (machine, own, startedAt) = (ProcessorUse.now, ProcessUsage.own, monotonicNanoseconds())
        let store = try await MetadataStore.open(measurement.storeDirectory, options: measurement.options)
        figures.rawGets.append(try lmdb.get(paths: measurement.paths, nanoseconds: measurement.nanoseconds).rate)
        figures.storeGets.append(try measurement.gets(store, keyCount: keys, seed: seed))
        figures.bareWrite.append(
            try DiskFloor.measure(
                .directSynchronous, byteCount: 4096, directory: directory, nanoseconds: measurement.nanoseconds))
        figures.oneWriter.append(try await measurement.oneWriter(store, keys: 0..<keys, seed: seed + 1))
        let group = try DiskFloor.measure(
            .directSynchronous, byteCount: groupByteCount, directory: directory, nanoseconds: measurement.nanoseconds)
        figures.bareGroups.append(32e9 / group.mean)
        let syncsBefore = try await store.status().syncCount
        let many = try await measurement.manyWriters(store, count: writers, isOwn: false, seed: seed + 2)
        let syncs = try await store.status().syncCount - syncsBefore
        figures.manyWriters.append(many.rate)
        figures.manyLatencies.append(many.latencies)
        figures.syncsPerWrite.append(Double(syncs) / Double(max(1, many.writeCount)))
        let alone = try await measurement.manyWriters(store, count: writers, isOwn: true, seed: seed + 4)
        figures.ownWriters.append(alone.rate)
        figures.ownLatencies.append(alone.latencies)
        for key in 0..<deltaKeyCount { try await fill(store, measurement, key) }
        figures.deltaGets.append(try measurement.gets(store, keyCount: deltaKeyCount, seed: seed + 3))
        try await store.close()
        let busy = Double(ProcessorUse.now.busyNanoseconds - machine.busyNanoseconds)
        let used = Double(ProcessUsage.own.since(own).processorNanoseconds)
        figures.othersCPU.append(max(0, busy - used) / Double(monotonicNanoseconds() - startedAt))
        Progress.say(
            "round \(round + 1)/\(rounds): one writer \(time(figures.oneWriter)) over \(time(figures.bareWrite)),"
                + " \(writers) writers \(rate(figures.ownWriters)) (own) and \(rate(figures.manyWriters)) (all) over"
                + " \(rate(figures.bareGroups)), gets"
                + " \(rate(figures.storeGets)), delta \(rate(figures.deltaGets)), raw \(rate(figures.rawGets))")
    }

    /// Puts every key that is read from the delta into it: sets go in batches, so this is quick.
    private func fill(_ store: MetadataStore, _ measurement: EmbeddedMeasurement, _ key: Int) async throws {
        guard key % 1000 == 0 else { return }
        let value = LoadPlan.value(byteCount: valueByteCount)
        let paths = measurement.paths
        let end = min(key + 1000, deltaKeyCount)
        try await withThrowingTaskGroup { group in
            for number in key..<end { group.addTask { try await store.set(paths[number], value) } }
            try await group.waitForAll()
        }
    }

    /// 32 sets as the log has them, rounded up to whole blocks: 60 bytes of headers, the path, the value.
    private var groupByteCount: Int { (32 * (60 + 23 + valueByteCount) + 4095) & ~4095 }

    private func time(_ series: [LatencyHistogram]) -> String {
        Figures.time(Double(series.last?.percentile(0.5) ?? 0))
    }

    private func rate(_ series: [Double]) -> String { Figures.rate(series.last ?? 0) }

    private func report(_ figures: EmbeddedRounds, _ machine: MachineDescription) throws {
        common.print(figures.lines(writerCount: writers) + [""])
        var isKept = true
        var verdicts: [JSONValue] = []
        for bound in try bounds() {
            let figure = figures.spread(bound.name).median
            let holds = bound.holds(figure)
            isKept = isKept && holds
            common.print(["\(holds ? "kept" : "NOT KEPT"): \(bound) (\(Figures.ratio(figure)))"])
            verdicts.append(.object([("requirement", .string(bound.description)), ("holds", .boolean(holds))]))
        }
        if common.json {
            print(
                JSONValue.object([
                    ("machine", .array(machine.lines.map { .string($0) })), ("rounds", figures.json),
                    ("ratios", .object(Self.names.map { ($0, .number(figures.spread($0).median)) })),
                    ("requirements", .array(verdicts)),
                ]).text())
        }
        if !isKept { throw ExitCode(2) }
    }
}
