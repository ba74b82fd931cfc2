internal import CoreTypes
internal import LMDB
internal import PosixIO
internal import Synchronization
package import SystemPackage
package import ZnodeTree

/// The znodes as of the last checkpoint, on disk, in one LMDB file: never the truth, always derived from the log.
///
/// One thread writes checkpoints; any number read, each with a reader of its own. What a checkpoint is, what the rows
/// are, and what a crash leaves, is in the articles Schema and CrashSafety.
// Safe to share: LMDB's environment is thread-safe; what changes is guarded by Mutexes and atomics.
package final class ZnodeStore: ZnodeBase, @unchecked Sendable {
    let environment: Environment
    let databases: StoreDatabases
    let directory: FilePath
    let options: ZnodeStoreOptions
    let fileSystem = RealFileSystem()
    let readers = ReaderRegistry()
    let residency: Residency
    let state = Mutex(State())
    /// Rows that the checkpoint under way has written.
    let rowsWritten = Atomic(0)

    struct State: Sendable {
        var last: WrittenCheckpoint?
        var checkpointCount: UInt64 = 0
        var failedCheckpointCount: UInt64 = 0
        var failure: StoreError?
        /// The checkpoint under way, and when it began.
        var current: (slot: Slot, rowCount: Int, start: UInt64)?
    }

    /// The data file.
    package var path: String { environment.path }

    /// Opens the store of a directory, which exists; makes an empty one where there is none.
    ///
    /// The pages of a file of at most `Limits.auditedAtOpenByteCountMax` are all checked first (about 30 ms for the
    /// largest). Beyond that it costs a few system calls, whatever the size: nothing is read but the first pages and the
    /// marker row.
    package static func open(
        _ directory: FilePath, options: ZnodeStoreOptions = .init()
    ) throws(StoreError) -> ZnodeStore {
        let data = StoreFiles.data(in: directory)
        if !options.isReadOnly {
            try StoreMaker.removeTemporary(in: directory)
            let isThere = try StoreError.ofFiles { () throws(FileError) in try RealFileSystem().exists(data) }
            if !isThere { try StoreMaker.makeEmpty(in: directory) }
        }
        let environment = try StoreError.ofLMDB { () throws(LMDBError) in
            try Environment.open(data.string, options: environmentOptions(options, data))
        }
        let size = try StoreError.ofFiles { () throws(FileError) in try RealFileSystem().open(data, []).byteCount() }
        if size <= Limits.auditedAtOpenByteCountMax { try checkPages(in: directory) }
        return try ZnodeStore(environment, directory, options)
    }

    private init(
        _ environment: Environment, _ directory: FilePath, _ options: ZnodeStoreOptions
    ) throws(StoreError) {
        let path = environment.path
        let found = try StoreError.ofLMDB { () throws(LMDBError) in try StoreDatabases(environment) }
        guard let databases = found else {
            throw StoreError(.notAStore, path, "open: it lacks the databases of a store")
        }
        self.environment = environment
        self.databases = databases
        self.directory = directory
        self.options = options
        let memory = MachineMemory.byteCount ?? 0
        residency = Residency(
            environment, byteCountMax: options.residentByteCountMax ?? max(memory / 8, ZnodeStore.residentByteCountMin))
        try checkMarker()
        if !options.isReadOnly { try reserveSlack() }
    }

    package func makeReader() throws(StorageFault) -> any ZnodeBaseReader { try makeStoreReader() }

    /// A reader of the last checkpoint.
    package func makeStoreReader() throws(StorageFault) -> ZnodeStoreReader {
        do throws(LMDBError) {
            return ZnodeStoreReader(self, try StoreView(environment, databases))
        } catch {
            throw StorageFault("\(error.operation): \(error.kind.text)", at: path, remedy: "close readers")
        }
    }

    /// Takes the file's pages out of this process's page tables.
    package func trimResidentPages() { residency.releaseAll() }

    /// The same if hardly anybody has read since the last call; to be called about once a second.
    package func trimResidentPagesIfIdle() { residency.releaseIfIdle() }

    private static func environmentOptions(
        _ options: ZnodeStoreOptions, _ data: FilePath
    ) -> EnvironmentOptions {
        var made = EnvironmentOptions()
        made.mapByteCount = options.mapByteCount
        made.readerCountMax = options.readerCountMax
        made.isReadOnly = options.isReadOnly
        let size = (try? RealFileSystem().open(data, []).byteCount()) ?? 0
        made.readsAhead = options.readsAhead ?? MachineMemory.byteCount.map { size < UInt64($0 / 2) } ?? true
        return made
    }

    /// Refuses a file of a newer version, or one whose marker is damaged.
    private func checkMarker() throws(StoreError) {
        let view = try StoreError.ofLMDB { () throws(LMDBError) in try StoreView(environment, databases) }
        let key = StoreMarker.key
        let value: RawSpan?
        do throws(StorageFault) {
            value = unsafe try view.systemValue(key.span.bytes)
        } catch {
            throw StoreError(error, path: path)
        }
        guard let value else { throw StoreError(.notAStore, path, "open: it lacks the marker of a store") }
        guard let marker = StoreMarker(value: value) else {
            throw StoreError(.damaged, path, "open: the marker row's checksum does not match")
        }
        guard marker.version <= StoreMarker.versionMax else {
            throw StoreError(.newerVersion(marker.version), path, "open: format version \(marker.version)")
        }
    }

    /// Keeps the file longer than its last page: LMDB looks up to 128 KiB behind a damaged page, and beyond the end of
    /// the file that would end the process.
    func reserveSlack() throws(StoreError) {
        let wanted = UInt64(environment.information.usedByteCount + ZnodeStore.slackByteCount / 2)
        let data = StoreFiles.data(in: directory)
        try StoreError.ofFiles { () throws(FileError) in
            let file = try fileSystem.open(data, [.write])
            if try file.byteCount() < wanted { try file.resize(to: wanted + UInt64(ZnodeStore.slackByteCount / 2)) }
        }
    }

    private static let residentByteCountMin = 192 * 1_048_576
    private static let slackByteCount = 1_048_576
}
