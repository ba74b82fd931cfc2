package import CoreTypes
internal import LMDB
internal import PosixIO
package import SystemPackage
internal import ZnodeTree

extension ZnodeStore {
    /// Reads the whole of the last checkpoint and checks it: pages, checksums of rows, large data, what parents say of
    /// their children, counts and digests of the meta row.
    ///
    /// May run beside checkpoints and readers; holds one state meanwhile, so that the file may grow. For a scrub in the
    /// background the pace waits between steps. Memory: a few pages, one bit for each page, eight bytes for each znode
    /// with large data.
    ///
    /// - Throws: when it cannot be done, or is cancelled. Damage is no error but a finding of the report.
    @discardableResult
    package func verify(_ pace: VerifyPace = .init()) throws(StoreError) -> VerifyReport {
        let start = MonotonicClock.nanoseconds
        let number = readers.enter()
        defer { readers.leave(number) }
        let view = try StoreError.ofLMDB { () throws(LMDBError) in try StoreView(environment, databases) }
        var report = VerifyReport()
        if pace.includesPages {
            try walkPages(view.transaction.transactionID, pace, into: &report)
        }
        // What a damaged page makes of LMDB is not tried.
        if report.isWhole {
            let verifier = RowVerifier(path: path, pace: pace, report: report)
            try verifier.run(view)
            report = verifier.report
        }
        residency.releaseAfterWork()
        report.nanoseconds = MonotonicClock.nanoseconds - start
        return report
    }

    private func walkPages(
        _ transaction: UInt64, _ pace: VerifyPace, into report: inout VerifyReport
    ) throws(StoreError) {
        var progress = VerifyProgress()
        do throws(StoreError) {
            let data = StoreFiles.data(in: directory)
            let file = try StoreError.ofFiles { () throws(FileError) in try fileSystem.open(data, []) }
            let pages = try PageAudit.run(file, transaction: transaction) { count in
                progress.pageCount += count
                progress.byteCount = count * PageFormat.byteCount
                return pace.afterStep?(progress) ?? true
            }
            report.usedPageCount = pages.usedPageCount
            report.freePageCount = pages.freePageCount
        } catch {
            guard error.kind == .damaged else { throw error }
            report.findings.append(error)
        }
    }

    /// Checks the pages of the store of a directory without opening it, so that nothing in them can stop the process:
    /// for every start of a small store, and for offline tools. Does nothing where there is no store.
    ///
    /// Costs about 1 s for each 2 GB that are in the page cache, and the disk's time for what is not.
    ///
    /// - Throws: `.damaged` at the first page that LMDB could stumble over.
    package static func checkPages(in directory: FilePath) throws(StoreError) {
        let data = StoreFiles.data(in: directory)
        let fileSystem = RealFileSystem()
        let isThere = try StoreError.ofFiles { () throws(FileError) in try fileSystem.exists(data) }
        guard isThere else { return }
        let file = try StoreError.ofFiles { () throws(FileError) in try fileSystem.open(data, []) }
        _ = try PageAudit.run(file)
    }

    /// The slot of the last checkpoint in the store of a directory that is not open; nil if there is no store, or one
    /// that is too damaged to ask.
    package static func checkpointSlot(in directory: FilePath) -> Slot? {
        guard (try? checkPages(in: directory)) != nil else { return nil }
        var options = ZnodeStoreOptions()
        options.isReadOnly = true
        guard let store = try? ZnodeStore.open(directory, options: options), let meta = try? store.meta() else {
            return nil
        }
        return meta.slot
    }
}
