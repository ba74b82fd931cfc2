/// What the four-letter words tell of the replica behind the server.
struct ReplicaSummary {
    var zxid: UInt64 = 0
    var znodeCount = 0
    var ephemeralCount = 0
    var dataByteCount = 0
    var sessionCount = 0
    var watchCount = 0
    var watchedPathCount = 0
    var watchingConnectionCount = 0
    /// Bytes on disk of the store, snapshots included.
    var storeByteCount = 0
    /// Bytes on disk of the log.
    var logByteCount = 0
    /// Further pairs for `mntr`, each key without its `zk_`.
    var more: [(key: String, value: String)] = []
}
