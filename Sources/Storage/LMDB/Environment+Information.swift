internal import CLMDB

/// What an environment holds at one moment.
package struct EnvironmentInformation: Equatable, Sendable {
    /// Address space reserved.
    package var mapByteCount: Int
    /// Bytes of the file that pages were ever given to: its size, free pages included.
    package var usedByteCount: Int
    /// The newest committed transaction.
    package var lastTransaction: UInt64
    package var readerCountMax: Int
    /// Reader slots that were ever used at one time.
    package var readerCount: Int
}

extension Environment {
    /// Sizes and the newest transaction. Costs no more than a few loads.
    package var information: EnvironmentInformation {
        var information = unsafe MDB_envinfo()
        unsafe mdb_env_info(pointer, &information)
        return unsafe EnvironmentInformation(
            mapByteCount: information.me_mapsize,
            usedByteCount: (information.me_last_pgno + 1) * pageByteCount,
            lastTransaction: UInt64(information.me_last_txnid), readerCountMax: Int(information.me_maxreaders),
            readerCount: Int(information.me_numreaders))
    }

    /// Takes the file's pages out of this process's page tables, so that they no longer count as its memory.
    ///
    /// The mapping is shared and never written, so this drops no data: the page cache keeps what it likes, and a page
    /// that is read again costs a minor fault. Safe beside readers and a writer. Does nothing where the map's address is
    /// not known.
    package func releaseResidentPages() throws(LMDBError) {
        guard let map = unsafe map else { return }
        let byteCount = min(information.usedByteCount, mapByteCount)
        try check(unsafe aviary_lmdb_release_pages(map, byteCount), "release resident pages", path)
    }
}
