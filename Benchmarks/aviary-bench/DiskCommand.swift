import ArgumentParser
import BenchmarkSupport

/// Measures the floors of the disk.
struct DiskCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disk",
        abstract: "Measures what a durable write costs here, by mode and by size.",
        discussion: """
            One thread, one write after another, each durable before the next begins. Modes overwrite a file of 64 \
            MiB that was filled with zeros and synced; "growing" appends to an empty one, as logs without prepared \
            segments do. "disk B/write" is what the device was made to write for each write, by anybody: a file system \
            that writes back whole large folios turns 4 KiB into half a megabyte unless O_DIRECT goes around it. Whether the device really keeps what it says it keeps cannot be measured from here.
            """)

    @Option(help: "How long each mode and size is measured.")
    var seconds = 1.0
    @Option(help: "The sizes, in bytes, separated by commas; multiples of 512 for O_DIRECT.")
    var sizes = "512,4096,16384,65536,262144,1048576"
    @OptionGroup var common: CommonOptions

    func validate() throws {
        let counts = sizes.split(separator: ",").map { Int($0) ?? 0 }
        guard !counts.isEmpty, counts.allSatisfy({ $0 > 0 && $0 % 512 == 0 && $0 <= 16 << 20 }), seconds > 0 else {
            throw ValidationError("sizes are multiples of 512 up to 16 MiB, separated by commas")
        }
    }

    func run() throws {
        let directory = try common.prepareDirectory()
        let machine = MachineDescription(directory: directory)
        common.print(machine.lines + [""])
        var rows: [JSONValue] = []
        var table = TextTable(["mode", "bytes", "writes", "p50", "p99", "p99.9", "max", "bytes/s", "disk B/write"])
        for mode in DiskFloor.Mode.allCases {
            let counts = mode == .growingBy100Bytes ? [100] : sizes.split(separator: ",").compactMap { Int($0) }
            for byteCount in counts {
                Progress.say("\(mode.rawValue), \(byteCount) bytes")
                let before = machine.writtenBytes()
                let histogram = try DiskFloor.measure(
                    mode, byteCount: byteCount, directory: directory, nanoseconds: UInt64(seconds * 1e9))
                // The file is filled with zeros within the measurement, before the writes: not theirs.
                let filled = mode.isGrowing ? 0 : DiskFloor.fileByteCount
                let written = machine.writtenBytes().flatMap { after in before.map { after - $0 } }
                let perWrite = written.map { Double(max(0, Int($0) - filled)) / Double(max(1, histogram.count)) }
                let rate = histogram.mean > 0 ? 1e9 / histogram.mean : 0
                table.add(
                    [mode.rawValue, "\(byteCount)", Figures.rate(rate)]
                        + [0.5, 0.99, 0.999, 1].map { Figures.time(Double(histogram.percentile($0))) }
                        + [
                            Figures.bytes(rate * Double(byteCount)) + "/s",
                            perWrite.map { Figures.decimal($0, 0) } ?? "-",
                        ])
                rows.append(
                    .object([
                        ("mode", .string(mode.rawValue)), ("bytes", .integer(byteCount)), ("rate", .number(rate)),
                        ("p50", .integer(histogram.percentile(0.5))), ("p99", .integer(histogram.percentile(0.99))),
                        ("p999", .integer(histogram.percentile(0.999))), ("max", .integer(histogram.maximum)),
                        ("diskBytesPerWrite", perWrite.map { .number($0) } ?? .null),
                    ]))
            }
        }
        common.print([table.text])
        if common.json {
            print(
                JSONValue.object([
                    ("machine", .array(machine.lines.map { .string($0) })), ("writes", .array(rows)),
                ]).text())
        }
    }
}
