/// What lies below the deltas: the znodes as of the last checkpoint.
///
/// Implemented by the store on LMDB, and by `ModelZnodeBase` for tests and simulation.
package protocol ZnodeBase: AnyObject, Sendable {
    /// A reader of the newest committed state.
    func makeReader() throws(StorageFault) -> any ZnodeBaseReader
}

/// One consistent state of the base. Used by one thread at a time.
///
/// Names are given in the form that they have in keys (`ZnodeKey`): the reader need not know about long names.
/// Whatever is read is verified by the checksum of its row before it is used; damage is a `StorageFault`.
package protocol ZnodeBaseReader: AnyObject {
    /// Reads one znode.
    ///
    /// - Parameters:
    ///   - keyName: the name as it stands in the key, at most `Limits.inlineNameByteCountMax` bytes.
    ///   - includingLargeData: whether data beyond `Limits.inlineDataByteCountMax` is read too, and verified by its
    ///     hash; else `isDataLeftOut` is set for it.
    ///   - buffer: takes the znode; its former contents are gone, also when there is none.
    /// - Returns: whether there is one.
    func read(
        parent: NodeID, keyName: RawSpan, includingLargeData: Bool, into buffer: ZnodeBuffer
    ) throws(StorageFault) -> Bool

    /// Calls `body` with the rows of all children of a znode in key order, until it returns false.
    ///
    /// - Parameters:
    ///   - keyName: begins behind this name; empty for the first child. It need not exist.
    ///   - body: gets the name as it stands in the key, and the row's value, its checksum not yet verified
    ///     (`ZnodeRow.decode` does that); both are valid during the call only.
    func forEachChild(
        of parent: NodeID, after keyName: RawSpan,
        _ body: (_ keyName: RawSpan, _ value: RawSpan) throws(StorageFault) -> Bool
    ) throws(StorageFault)

    /// Calls `body` with all system rows whose key begins with `prefix`, in key order. The spans are valid during the
    /// call only.
    func forEachSystemRow(
        prefix: [UInt8], _ body: (_ key: RawSpan, _ value: RawSpan) throws(StorageFault) -> Void
    ) throws(StorageFault)

    /// Moves this reader to the newest committed state.
    func renew() throws(StorageFault)
}
