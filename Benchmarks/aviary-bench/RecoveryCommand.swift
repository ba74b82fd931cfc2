import ArgumentParser
import BenchmarkSupport

/// Measures how soon a killed server serves again.
struct RecoveryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recovery",
        abstract: "Loads a million znodes, kills the server during writes, and times the way back to the first read.",
        discussion: """
            The time runs from starting the process to the first reply to a get on a new session. The page cache \
            stays warm, as it does when a process dies and the machine does not. While sets are sent before the kill \
            the tool keeps, for each znode, the version that was acknowledged last; after every restart all znodes \
            are asked for theirs, and one that is missing or older ends the run with exit code 3.

            Memory is VmRSS with its parts RssAnon and RssFile, as /proc tells them: after the load, before each kill, \
            right after the first read, after every znode was looked at, and idle for 4 s after that. Clean pages of \
            the store's file count as RssFile while they are read; the kernel can take them at any time.

            Examples:
              aviary-bench recovery
              aviary-bench recovery --servers aviaryd,zookeeper --rounds 5
              aviary-bench recovery --znodes 10000000 --require-first-read 0.5 --require-resident 250
            """)

    @Option(help: "The servers, one after another: aviaryd, zookeeper, zookeeper-tuned.")
    var servers = "aviaryd"
    @Option(help: "How many znodes are loaded.")
    var znodes = 1_000_000
    @Option(name: .customLong("value-bytes"), help: "The size of a znode's value.")
    var valueByteCount = 100
    @Option(help: "How often each server is killed.")
    var rounds = 3
    @Option(help: "How long sets are sent before each kill.")
    var seconds = 5.0
    @Option(name: .customLong("require-first-read"), help: "The most seconds to the first read, in any round.")
    var firstReadSecondsMax: Double?
    @Option(
        name: .customLong("require-resident"),
        help: "The most MiB of VmRSS, after the load, after any restart, and when idle.")
    var residentMebibytesMax: Double?
    @OptionGroup var choice: ServerChoice
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard 1000...KeySpace.keyCountMax ~= znodes, rounds >= 1, seconds >= 0.1 else {
            throw ValidationError("1000 to \(KeySpace.keyCountMax) znodes, a round, a tenth of a second")
        }
        do { _ = try recipes() } catch let error as BenchmarkError { throw ValidationError(error.description) }
    }

    private func recipes() throws -> [ServerRecipe] {
        try servers.split(separator: ",").map { name in
            let recipe = try choice.recipe(String(name))
            if recipe.program == .floor { throw BenchmarkError("the floor keeps nothing that could come back") }
            return recipe
        }
    }

    func run() throws {
        let directory = try common.prepareDirectory()
        let machine = MachineDescription(directory: directory)
        common.print(machine.lines + ["\(znodes) znodes of \(valueByteCount) bytes", ""])
        var documents: [JSONValue] = []
        var isKept = true
        for recipe in try recipes() {
            do {
                let (document, kept) = try measure(recipe, directory: directory)
                documents.append(document)
                isKept = isKept && kept
            } catch let error as LostData {
                Progress.say("\(recipe.name): \(error)")
                throw ExitCode(3)
            }
        }
        if common.json {
            print(
                JSONValue.object([
                    ("machine", .array(machine.lines.map { .string($0) })), ("znodes", .integer(znodes)),
                    ("servers", .array(documents)),
                ]).text())
        }
        if !isKept { throw ExitCode(2) }
    }

    private func measure(_ recipe: ServerRecipe, directory: String) throws -> (JSONValue, Bool) {
        var options = RecoveryMeasurement.Options()
        options.znodeCount = znodes
        options.valueByteCount = valueByteCount
        options.roundCount = rounds
        options.loadNanoseconds = UInt64(seconds * 1e9)
        let measurement = try RecoveryMeasurement(options, recipe: recipe, directory: directory)
        Progress.say("\(recipe.name): loading \(znodes) znodes")
        try measurement.load()
        common.print([
            "\(recipe.name): loaded at \(Figures.rate(measurement.loadRate)); memory after the load:"
                + " \(memory(measurement.memoryAfterLoad))"
        ])
        var table = TextTable(["kill", "first read", "sets before", "rate", "before", "restarted", "all read", "idle"])
        var documents: [JSONValue] = []
        var times: [Double] = []
        var resident = [measurement.memoryAfterLoad.residentBytes]
        for number in 0..<rounds {
            let round = try measurement.round(seed: UInt64(number + 1))
            Progress.say("\(recipe.name): killed, first read after \(Figures.time(Double(round.firstReadNanoseconds)))")
            times.append(Double(round.firstReadNanoseconds) / 1e9)
            resident += [round.memoryAfterRestart.residentBytes, round.memoryWhenIdle.residentBytes]
            table.add([
                "\(number + 1)", Figures.time(Double(round.firstReadNanoseconds)), "\(round.acknowledgedCount)",
                Figures.rate(round.rateBeforeKill), memory(round.memoryBeforeKill), memory(round.memoryAfterRestart),
                memory(round.memoryAfterReading), memory(round.memoryWhenIdle),
            ])
            documents.append(document(round))
        }
        let spread = Spread(times)
        common.print([
            table.text,
            "first read: median \(Figures.decimal(spread.median, 3)) s, worst \(Figures.decimal(spread.highest, 3)) s;"
                + " every acknowledged set of \(znodes) znodes was there each time", "",
        ])
        let mebibytes = Double(resident.max() ?? 0) / 1_048_576
        var isKept = true
        if let most = firstReadSecondsMax { isKept = judge("first read", spread.highest, most, "s") && isKept }
        if let most = residentMebibytesMax { isKept = judge("VmRSS", mebibytes, most, "MiB") && isKept }
        return (
            .object([
                ("name", .string(recipe.name)), ("loadRate", .number(measurement.loadRate)),
                ("afterLoad", json(measurement.memoryAfterLoad)), ("rounds", .array(documents)),
            ]), isKept
        )
    }

    private func judge(_ what: String, _ figure: Double, _ most: Double, _ unit: String) -> Bool {
        let holds = figure <= most
        common.print([
            "\(holds ? "kept" : "NOT KEPT"): \(what) at most \(most) \(unit) (\(Figures.decimal(figure, 3)) \(unit))"
        ])
        return holds
    }

    private func memory(_ usage: ProcessUsage) -> String {
        "\(Figures.decimal(Double(usage.residentBytes) / 1_048_576, 0)) MiB"
            + " (anon \(Figures.decimal(Double(usage.anonymousBytes) / 1_048_576, 0)),"
            + " file \(Figures.decimal(Double(usage.fileBytes) / 1_048_576, 0)))"
    }

    private func json(_ usage: ProcessUsage) -> JSONValue {
        .object([
            ("VmRSS", .integer(usage.residentBytes)), ("RssAnon", .integer(usage.anonymousBytes)),
            ("RssFile", .integer(usage.fileBytes)),
        ])
    }

    private func document(_ round: RecoveryMeasurement.Round) -> JSONValue {
        .object([
            ("firstReadNanoseconds", .integer(round.firstReadNanoseconds)),
            ("acknowledgedSets", .integer(round.acknowledgedCount)), ("rateBeforeKill", .number(round.rateBeforeKill)),
            ("verified", .integer(round.verifiedCount)), ("beforeKill", json(round.memoryBeforeKill)),
            ("afterRestart", json(round.memoryAfterRestart)), ("afterReading", json(round.memoryAfterReading)),
            ("idle", json(round.memoryWhenIdle)),
            ("counters", .object(round.counters.sorted { $0.key < $1.key }.map { ($0.key, .number($0.value)) })),
        ])
    }
}
