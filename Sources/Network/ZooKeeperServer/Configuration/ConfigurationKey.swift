/// What a key of ZooKeeper's configuration means here.
enum ConfigurationKey {
    case dataDirectory
    case logDirectory
    case clientPort
    case clientAddress
    case listenBacklog
    case tickTime
    case sessionTimeoutMin
    case sessionTimeoutMax
    case connectionsPerAddress
    case connectionCount
    case frameByteCount
    case outstandingRequests
    case fourLetterWords
    case superDigest
    case snapshotsKept
    case commandsPerCheckpoint
    case peerSecretFile
    case peerLogMegabytes
    case snapshotMegabytes
    /// `server.N`, with N.
    case server(number: String)
    /// Names a file with servers that is not read: to start without them would be to start alone.
    case dynamicConfiguration
    /// Known, and answered by a warning that says why it means nothing here.
    case without(meaning: String)
    case unknown

    /// The keys that are read, as they stand in a file.
    private static let read: [String: ConfigurationKey] = [
        "dataDir": .dataDirectory,
        "dataLogDir": .logDirectory,
        "clientPort": .clientPort,
        "clientPortAddress": .clientAddress,
        "clientPortListenBacklog": .listenBacklog,
        "tickTime": .tickTime,
        "minSessionTimeout": .sessionTimeoutMin,
        "maxSessionTimeout": .sessionTimeoutMax,
        "maxClientCnxns": .connectionsPerAddress,
        "maxCnxns": .connectionCount,
        "jute.maxbuffer": .frameByteCount,
        "globalOutstandingLimit": .outstandingRequests,
        "4lw.commands.whitelist": .fourLetterWords,
        "DigestAuthenticationProvider.superDigest": .superDigest,
        "superDigest": .superDigest,
        "autopurge.snapRetainCount": .snapshotsKept,
        "snapCount": .commandsPerCheckpoint,
        "aviary.peerSecretFile": .peerSecretFile,
        "aviary.peerLogMegabytes": .peerLogMegabytes,
        "aviary.snapshotMegabytes": .snapshotMegabytes,
    ]

    private static let cluster =
        "concerns how ZooKeeper's servers find and follow their leader; here they do that in another way"
    private static let timing =
        "has no meaning here: a replica that was away may take as long as it needs to catch up, and how long a leader may "
        + "be silent is not counted in ticks"
    private static let quorums = "has no meaning here: a quorum is more than half of the voters, each with one vote"
    private static let sessions = "has no meaning here: every session is known to all servers"
    private static let transport = "TLS is not served by this version: only the plain client port is opened"
    private static let quotas = "is not needed: memory, queues and requests are bounded by this server's own limits"
    private static let log = "is ZooKeeper's log format's; this server's log prepares and recycles its own segments"
    private static let snapshots =
        "is ZooKeeper's snapshot format's; this server's own are always compressed and synced"

    /// Keys that are known and without meaning here, and why.
    private static let withoutMeaning: [String: String] = [
        "initLimit": timing, "syncLimit": timing, "electionAlg": cluster, "syncEnabled": cluster,
        "peerType": "has no meaning here: an observer is one whose server.N line ends in :observer",
        "quorumListenOnAllIPs": cluster, "cnxTimeout": cluster, "leaderServes": cluster, "observerMasterPort": cluster,
        "standaloneEnabled": cluster, "reconfigEnabled": cluster, "version": cluster,
        "connectToLearnerMasterLimit": cluster, "oraclePath": quorums, "localSessionsEnabled": sessions,
        "localSessionsUpgradingEnabled": sessions, "commitLogCount": cluster, "readonlymode.enabled": cluster,
        "secureClientPort": transport, "secureClientPortAddress": transport, "portUnification": transport,
        "client.portUnification": transport, "sslQuorum": transport, "sslQuorumReloadCertFiles": transport,
        "serverCnxnFactory": transport,
        "preAllocSize": log, "txnLogSizeLimitInKb": log, "fsync.warningthresholdms": log, "flushDelay": log,
        "maxWriteQueuePollTime": log, "maxBatchSize": log,
        "forceSync": "is refused its meaning: a write is acknowledged when it is durable; see --unsafe-no-sync",
        "snapSizeLimitInKb": snapshots, "snapshot.trust.empty": snapshots, "snapshot.compression.method": snapshots,
        "serializeLastProcessedZxid.enabled": snapshots,
        "autopurge.purgeInterval": "is not needed: what retention does not ask for is recycled at once",
        "digest.enabled": "is always on: the tree carries a digest and every file a checksum",
        "extendedTypesEnabled": "is always on: znodes with a time to live need no switch",
        "skipACL": "is refused its meaning: access lists are always checked",
        "enforceQuota": "has no effect: quotas are not served by this version",
        "requestThrottleLimit": quotas, "requestThrottleStallTime": quotas, "requestThrottleDropStale": quotas,
        "throttledOpWaitTime": quotas, "largeRequestMaxBytes": quotas, "largeRequestThreshold": quotas,
        "maxResponseCacheSize": quotas, "maxGetChildrenResponseCacheSize": quotas, "watchManagerName": quotas,
        "jute.maxbuffer.extrasize": quotas, "nio.sessionlessCnxnTimeout": quotas,
        "znode.container.checkIntervalMs": "has no effect: containers and timed znodes are looked after all the time",
        "audit.enable": "has no effect: there is no audit log in this version",
        "db.autocreate": "has no effect: an empty data directory is initialized, a damaged one is never",
        "sessionRequireClientSASLAuth": "SASL is not served by this version",
    ]

    /// The same for whole families of keys.
    private static let prefixes: [(prefix: String, reason: String)] = [
        ("group.", quorums), ("weight.", quorums), ("quorum.", cluster), ("multiAddress.", cluster),
        ("ssl.", transport), ("netty.", transport),
        ("admin.", "has no effect: there is no HTTP administration port in this version"),
        ("metricsProvider.", "has no effect: metrics are served by the four-letter word mntr"),
        ("authProvider.", "has no effect: identities are proven by digest and address only"),
        ("X509AuthenticationProvider.", transport),
        ("sasl.", "SASL is not served by this version"), ("kerberos.", "SASL is not served by this version"),
        ("nio.", quotas), ("connection", quotas),
    ]

    init(_ key: String) {
        let name = key.hasPrefix("zookeeper.") ? String(key.dropFirst("zookeeper.".count)) : key
        if let key = ConfigurationKey.read[name] {
            self = key
        } else if let reason = ConfigurationKey.withoutMeaning[name] {
            self = .without(meaning: reason)
        } else if let number = ConfigurationKey.serverNumber(name) {
            self = .server(number: number)
        } else if name == "dynamicConfigFile" {
            self = .dynamicConfiguration
        } else if let family = ConfigurationKey.prefixes.first(where: { name.hasPrefix($0.prefix) }) {
            self = .without(meaning: family.reason)
        } else {
            self = .unknown
        }
    }

    /// The keys that are read, sorted: for messages.
    static var names: [String] { (read.keys + ["server.N"]).sorted() }

    /// Whether a key is `server.N`, of which there may be many.
    static func namesServer(_ key: String) -> Bool {
        if case .server = ConfigurationKey(key) { true } else { false }
    }

    private static func serverNumber(_ name: String) -> String? {
        name.hasPrefix("server.") ? String(name.dropFirst("server.".count)) : nil
    }
}
