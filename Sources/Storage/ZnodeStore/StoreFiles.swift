internal import SystemPackage

/// The names in a store's directory.
enum StoreFiles {
    /// The data file; LMDB keeps its lock file beside it.
    static let name = "znodes.mdb"
    static let lockSuffix = "-lock"
    /// Added to the data file's name while a new one is being made.
    static let temporarySuffix = ".new"
    /// Added to the data file's name when another one is made because it is damaged.
    static let damagedSuffix = ".damaged"

    static func data(in directory: FilePath) -> FilePath { directory.appending(name) }

    static func temporary(in directory: FilePath) -> FilePath { directory.appending(name + temporarySuffix) }

    static func damaged(in directory: FilePath, number: Int) -> FilePath {
        directory.appending(name + damagedSuffix + (number == 1 ? "" : "-\(number)"))
    }

    static func lock(of data: FilePath) -> FilePath {
        data.removingLastComponent().appending((data.lastComponent?.string ?? name) + lockSuffix)
    }
}
