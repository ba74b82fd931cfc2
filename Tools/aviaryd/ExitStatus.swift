import ReplicaEngine

/// With what the process ends; numbers of sysexits.h.
enum ExitStatus: Int32 {
    /// EX_USAGE: the command line is wrong.
    case usage = 64
    /// EX_DATAERR: what is on disk is damaged, or was made by a newer version.
    case damaged = 65
    /// EX_UNAVAILABLE: the address cannot be listened on.
    case unavailable = 69
    /// EX_CANTCREAT: the data directory cannot be made or written, or is in use.
    case directory = 73
    /// EX_IOERR: the disk failed while serving.
    case disk = 74
    /// EX_CONFIG: the configuration file is wrong.
    case configuration = 78

    init(_ kind: EngineError.Kind) {
        switch kind {
        case .directoryInUse, .directoryNotUsable, .diskFull: self = .directory
        case .newerVersion, .damaged, .damagedStore: self = .damaged
        case .stopped: self = .disk
        }
    }
}
