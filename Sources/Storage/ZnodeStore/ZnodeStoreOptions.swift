/// How a store is opened. Nothing here weakens durability.
package struct ZnodeStoreOptions: Sendable {
    /// Address space to reserve: the size the store can grow to. Costs no memory.
    package var mapByteCount = 1 << 40
    /// Readers at one time.
    package var readerCountMax = 510
    /// Bytes of the file that may stand in this process's page tables before some are taken out of them again. What is
    /// taken out stays in the page cache: to touch it costs a minor fault for every 64 KiB (about 5 µs), so a bound
    /// below what is read all the time costs a multiple of the reads themselves. Nil: an eighth of the machine's memory,
    /// and at least 192 MiB.
    package var residentByteCountMax: Int?
    /// Whether the kernel reads ahead. Nil: as long as the file is smaller than half of the machine's memory.
    package var readsAhead: Bool?
    /// For looking only: no checkpoint can be written, and a store that does not exist is not made.
    package var isReadOnly = false

    package init() {}
}
