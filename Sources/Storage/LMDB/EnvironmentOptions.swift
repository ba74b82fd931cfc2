/// How an environment is opened. There is no option that trades durability for speed: a commit is always synced.
package struct EnvironmentOptions: Sendable {
    /// Address space to reserve, which is also the largest the file can grow. It costs no memory: LMDB 0.9 cannot
    /// enlarge a map while transactions are open, so it is made large once.
    package var mapByteCount = 1 << 40
    /// Named databases.
    package var databaseCountMax = 8
    /// Read transactions open at one time.
    package var readerCountMax = 126
    /// Whether the kernel reads ahead around a page that is not in its cache. Good while the file fits into memory;
    /// beyond that it evicts what is needed for what is not.
    package var readsAhead = true
    /// Opens for reading only; fails when the file does not exist.
    package var isReadOnly = false

    package init() {}
}
