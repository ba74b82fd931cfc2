import ArgumentParser
import BenchmarkSupport

/// What every subcommand understands.
struct CommonOptions: ParsableArguments {
    @Option(help: "Where temporary data lies; a real disk.")
    var directory = ".aviary-bench"
    @Flag(help: "Print one JSON document instead of tables.")
    var json = false

    /// Makes the directory and returns its absolute path.
    func prepareDirectory() throws -> String { try ScratchDirectory.prepare(directory) }

    /// Prints lines for people; nothing when a script reads.
    func print(_ lines: [String]) {
        guard !json else { return }
        for line in lines { Swift.print(line) }
        flushOutput()
    }
}
