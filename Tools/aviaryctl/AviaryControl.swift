import ArgumentParser

/// Looks after data directories that no process has open.
@main
struct AviaryControl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aviaryctl",
        abstract: "Verifies and repairs data directories of aviaryd, or of an embedding program, offline.",
        discussion: """
            Stop the process that has the directory open first; while it runs, nothing here touches the directory.

            Exit status: 0 all is well; 64 wrong command line; 65 something is damaged, and it was said what; 73 the \
            directory is in use or cannot be read.
            """,
        version: "aviaryctl 0.1",
        subcommands: [VerifyCommand.self, RebuildCommand.self])
}
