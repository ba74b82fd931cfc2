/// What a load generator does: which requests, over how many connections, for how long, and what it checks.
package struct LoadPlan: Sendable {
    /// How requests are chosen.
    package enum Choice: Sendable {
        /// Gets and sets of uniformly chosen keys; `readShare` is 0...1.
        case uniform(readShare: Double)
        /// Creates, each connection under a directory of its own, until time is up.
        case growing
        /// One operation on every key of the space once, the keys dealt out to the connections.
        case pass(Operation)
        /// One operation on the first so-many keys of each connection's own directory: what `growing` made.
        case sweep(Operation, counts: [Int])
    }

    package var addresses: [ServerAddress]
    package var keySpace: KeySpace
    package var choice: Choice
    package var valueByteCount = 100
    package var connectionCount = 1
    /// Requests that each connection keeps in flight.
    package var outstandingCount = 1
    package var threadCount = 1
    /// For choices that do not end by themselves.
    package var durationNanoseconds: UInt64 = 0
    package var seed: UInt64 = 1
    /// Without any reply for so long the run fails with a `LoadStall`.
    package var stallSeconds: UInt64 = 30
    /// False for a server that answers constants: then only order, length and error are checked.
    package var checksContent = true
    /// A create of what is there already counts as done.
    package var toleratesExisting = false
    /// The end of a connection ends the run instead of failing it: the server is about to be killed.
    package var toleratesDisconnection = false

    package init(addresses: [ServerAddress], keySpace: KeySpace, choice: Choice) {
        self.addresses = addresses
        self.keySpace = keySpace
        self.choice = choice
    }

    /// What every znode holds, apart from its first eight bytes, which are the digits of its key.
    package static func value(byteCount: Int) -> [UInt8] {
        (0..<byteCount).map { UInt8(truncatingIfNeeded: 33 + ($0 &* 167 &+ ($0 >> 3) &* 41) % 94) }
    }
}
