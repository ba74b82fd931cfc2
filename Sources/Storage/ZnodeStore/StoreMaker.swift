internal import CoreTypes
internal import LMDB
internal import PosixIO
internal import SystemPackage

/// Makes data files under a temporary name and puts them in place: a file under its own name is always whole.
enum StoreMaker {
    /// Makes an empty store: databases and marker. Durable on return.
    static func makeEmpty(in directory: FilePath) throws(StoreError) {
        let temporary = StoreFiles.temporary(in: directory)
        try StoreError.ofLMDB { () throws(LMDBError) in
            let environment = try Environment.open(temporary.string)
            var transaction = try environment.beginWriting()
            let databases = try StoreDatabases(making: transaction)
            try putMarker(&transaction, databases)
            try transaction.commit()
        }
        try putInPlace(in: directory)
    }

    static func putMarker(
        _ transaction: inout WriteTransaction, _ databases: StoreDatabases
    ) throws(LMDBError) {
        let key = StoreMarker.key
        let value = StoreMarker().encode()
        unsafe try transaction.put(databases.system, key.span.bytes, value.bytes)
    }

    /// Gives the temporary file, which is synced and closed, the name of the data file. Durable on return.
    ///
    /// A lock file of the data file that was there holds nothing that outlives its processes; LMDB makes it anew.
    static func putInPlace(in directory: FilePath) throws(StoreError) {
        let fileSystem = RealFileSystem()
        let temporary = StoreFiles.temporary(in: directory)
        try StoreError.ofFiles { () throws(FileError) in
            try remove(StoreFiles.lock(of: temporary), fileSystem)
            try fileSystem.rename(temporary, to: StoreFiles.data(in: directory))
            try fileSystem.syncDirectory(directory)
        }
    }

    /// Removes what a crash left of a file that was being made.
    static func removeTemporary(in directory: FilePath) throws(StoreError) {
        let fileSystem = RealFileSystem()
        let temporary = StoreFiles.temporary(in: directory)
        try StoreError.ofFiles { () throws(FileError) in
            try remove(temporary, fileSystem)
            try remove(StoreFiles.lock(of: temporary), fileSystem)
        }
    }

    private static func remove(_ path: FilePath, _ fileSystem: RealFileSystem) throws(FileError) {
        if try fileSystem.exists(path) { try fileSystem.remove(path) }
    }
}
