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

    /// Where values of a transaction that begins now may lie.
    var valueBounds: ValueBounds {
        guard let map = unsafe map else { return ValueBounds(pageByteCount: UInt(pageByteCount)) }
        let start = UInt(bitPattern: map)
        let byteCount = min(information.usedByteCount, mapByteCount)
        return ValueBounds(start: start, end: start + UInt(byteCount), pageByteCount: UInt(pageByteCount))
    }

    /// The same for a write transaction. Without the map's address nothing can be told apart, so anything goes.
    var writeBounds: ValueBounds {
        var bounds = valueBounds
        bounds.isElsewhereAllowed = true
        if unsafe map == nil { bounds.end = 0 }
        return bounds
    }

    /// Takes the file's pages out of this process's page tables, so that they no longer count as its memory.
    ///
    /// The mapping is shared and never written, so this drops no data: the page cache keeps what it likes, and a page
    /// that is read again costs a minor fault. Safe beside readers and a writer. Does nothing where the map's address is
    /// not known.
    ///
    /// - Parameter range: offsets in the file, multiples of 4096; nil for all of it.
    package func releaseResidentPages(_ range: Range<Int>? = nil) throws(LMDBError) {
        guard let map = unsafe map else { return }
        let used = 0..<min(information.usedByteCount, mapByteCount)
        let part = range.map { $0.clamped(to: used) } ?? used
        guard !part.isEmpty else { return }
        try check(
            unsafe aviary_lmdb_release_pages(map + part.lowerBound, part.count), "release resident pages", path)
    }
}
