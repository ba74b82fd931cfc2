import ArgumentParser
import ReplicaEngine

/// Which directory.
struct DirectoryOptions: ParsableArguments {
    @Argument(help: "The data directory: the one with the file \"identity\".")
    var directory: String
    @Option(
        name: .customLong("log-dir"),
        help: "The directory of the log, if it does not lie in the data directory.")
    var logDirectory: String?
}

extension ExitCode {
    /// EX_DATAERR.
    static let damaged = ExitCode(65)

    /// What an error of the engine ends the tool with.
    init(_ error: EngineError) {
        switch error.kind {
        case .damaged, .damagedStore, .newerVersion: self = .damaged
        case .directoryInUse, .directoryNotUsable, .diskFull, .stopped: self.init(73)
        }
    }
}
