/// A question in plain text: the first four bytes of a connection, answered in plain text, then closed.
package enum FourLetterWord: String, CaseIterable, Sendable {
    /// Is it alive?
    case ruok
    /// Statistics of the server.
    case srvr
    /// The same, and the connections.
    case stat
    /// The same and more, for machines.
    case mntr
    /// Its configuration.
    case conf
    /// The connections in detail.
    case cons
    /// Version and environment.
    case envi
    /// Does it take writes?
    case isro
    /// The size of its directories.
    case dirs
    /// How many watches there are.
    case wchs
    /// Resets the statistics of all connections.
    case crst
    /// Resets the statistics of the server.
    case srst

    /// The words that ZooKeeper knows and this server does not answer.
    package static let unsupported = ["dump", "gtmk", "hash", "lead", "lsnp", "obsr", "orst", "stmk", "wchc", "wchp"]
}
