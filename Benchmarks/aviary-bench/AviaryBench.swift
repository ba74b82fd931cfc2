import ArgumentParser
import BenchmarkSupport

/// The tool's entry: every subcommand is a file of its own.
@main
struct AviaryBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aviary-bench",
        abstract: "Measures Aviary beside what it is compared with and beside the floors of the machine.",
        discussion: """
            Every figure is a ratio, taken side by side in one run, in rounds that alternate between the servers; the \
            floors of the disk and the loopback are measured in the same run and printed with it. Figures of two \
            machines, or of two days, must not be compared.

            Results go to standard output, progress to standard error. Temporary data lies in .aviary-bench/ below \
            the working directory, or where --directory says; it must be a real disk, and needs a few gigabytes.

            Exit codes: 0 all is well; 1 something could not be measured, or a reply was wrong (nothing that was \
            printed counts then); 2 a --require was not kept; 64 the command line was not understood.
            """,
        subcommands: [
            ServerCommand.self, ClusterCommand.self, EmbeddedCommand.self, RecoveryCommand.self,
            FloorServerCommand.self, DiskCommand.self, LMDBCommand.self,
        ],
        defaultSubcommand: ServerCommand.self)
}
