import ArgumentParser
import BenchmarkSupport

/// Measures the floors of LMDB.
struct LMDBCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lmdb",
        abstract: "Measures raw LMDB: gets and puts with keys and rows like those of the store.",
        discussion: """
            One thread, LMDB's C interface, fully synced commits. Two kinds of keys: the whole path, which finds a \
            znode with one look-up, and (parent, name), which needs one for each component of a path.
            """)

    @Option(help: "How many rows.")
    var keys = 1_000_000
    @Option(
        name: .customLong("row-bytes"), help: "The size of a row's value: 100 bytes of data and what is known of it.")
    var rowByteCount = 140
    @Option(help: "How long each figure is measured.")
    var seconds = 2.0
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard 1...50_000_000 ~= keys, 1...2000 ~= rowByteCount, seconds > 0 else {
            throw ValidationError("1 to 50,000,000 keys, rows of 1 to 2000 bytes")
        }
    }

    func run() throws {
        let directory = try common.prepareDirectory()
        let machine = MachineDescription(directory: directory)
        common.print(machine.lines + ["\(keys) rows of \(rowByteCount) bytes", ""])
        let nanoseconds = UInt64(seconds * 1e9)
        var table = TextTable(["keys", "operation", "rate"], leftCount: 2)
        var rows: [JSONValue] = []
        for style in LMDBFloor.KeyStyle.allCases {
            Progress.say("\(style.rawValue)")
            let scratch = "\(directory)/lmdb-floor"
            defer { ScratchDirectory.remove(scratch) }
            let floor = try LMDBFloor(style, directory: scratch, keyCount: keys, rowByteCount: rowByteCount)
            var figures = [try floor.load()]
            figures.append(try floor.get(nanoseconds: nanoseconds))
            figures.append(try floor.renewAndGet(nanoseconds: nanoseconds))
            for count in [1, 100, 10_000] {
                figures.append(try floor.put(perTransaction: count, nanoseconds: nanoseconds))
            }
            for figure in figures {
                table.add([style.rawValue, figure.name, Figures.rate(figure.rate)])
                rows.append(
                    .object([
                        ("keys", .string(style.rawValue)), ("operation", .string(figure.name)),
                        ("rate", .number(figure.rate)),
                    ]))
            }
        }
        common.print([table.text])
        if common.json {
            print(
                JSONValue.object([
                    ("machine", .array(machine.lines.map { .string($0) })), ("figures", .array(rows)),
                ]).text())
        }
    }
}
