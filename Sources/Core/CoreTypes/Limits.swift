/// Every limit of the engine and of the protocols, in one place.
///
/// What is configurable has its default here and its ceiling beside it. What happens when a limit is reached stands
/// with each one.
package enum Limits {
    // MARK: Client protocol

    /// Bytes of one request frame (`jute.maxbuffer`). A longer one closes the connection.
    package static let frameByteCountDefault = 1_048_575
    /// The most that `jute.maxbuffer` may be set to: a command must fit into one group of the log.
    package static let frameByteCountCeiling = 16 * 1_048_576
    /// Bytes of a path. A longer one is refused with BADARGUMENTS.
    package static let pathByteCountMax = 65_535
    /// Components of a path. A deeper one is refused with BADARGUMENTS.
    package static let pathDepthMax = 1_024
    /// Entries of one ACL. A longer one is refused with INVALIDACL.
    package static let accessEntryCountMax = 1_024
    /// Operations of one multi. A longer one is refused with BADARGUMENTS.
    package static let multiOperationCountMax = 65_536
    /// Connections of one client address (`maxClientCnxns`). A further one is closed.
    package static let connectionsPerAddressDefault = 60
    /// Connections of all clients (`maxCnxns`). A further one is closed.
    package static let connectionCountMax = 65_536
    /// Requests that one connection may have outstanding before it is no longer read from.
    package static let outstandingRequestsPerConnectionMax = 4_096
    /// Bytes of replies that one connection may have unread before it is closed.
    package static let unreadReplyByteCountMax = 64 * 1_048_576
    /// Watches of one connection. A further one closes it.
    package static let watchesPerConnectionMax = 1_048_576
    /// Sessions. A further one is refused.
    package static let sessionCountMax = 1_048_576

    // MARK: Cluster

    /// The highest number of a replica (`server.N`, `myid`). A higher one is refused by the configuration.
    package static let replicaNumberMax = 254
    /// Bytes of the secret that replicas share. A shorter or longer one is refused by the configuration.
    package static let peerSecretByteCountMin = 16
    package static let peerSecretByteCountMax = 4_096

    // MARK: Consensus and log

    /// Bytes of one proposal. The engine closes a batch before it would grow beyond.
    package static let proposalByteCountMax = 17 * 1_048_576
    /// Commands of one proposal.
    package static let proposalCommandCountMax = 8_192
    /// Slots proposed and not yet chosen.
    package static let windowSlotCountMax = 256
    /// Bytes proposed and not yet chosen.
    package static let windowByteCountMax = 64 * 1_048_576
    /// Bytes of a membership in a command and in the tree; 64 members take 1,154. A command with more is void.
    package static let membershipByteCountMax = 2_048
    /// Bytes of one group of the log: beyond this a group is closed and the rest joins the next one.
    package static let groupByteCountSoftMax = 1_048_576

    // MARK: Peers

    /// Accepted values that one promise reports. A promise with more is refused.
    package static let promiseEntryCountMax = 65_536
    /// Ranges of unknown slots that one promise reports. A promise with more is refused.
    package static let promiseRangeCountMax = 65_536
    /// Bytes of one message to a peer: a proposal, or what fits into its place. A longer one closes the connection.
    package static let peerBodyByteCountMax = proposalByteCountMax + 4_096
    /// Bytes that wait to be sent to one peer. Beyond, the connection is closed, and the peer asks for what it missed.
    package static let peerQueueByteCountMax = 64 * 1_048_576
    /// Bytes of messages that wait for the thread of an embedded replica, or for the event loop that sends them. Beyond, the
    /// connection is closed, and the peer asks for what it missed.
    package static let peerMailByteCountMax = 64 * 1_048_576
    /// The most memory of such mail that is kept while there is none.
    package static let keptMailByteCountMax = 1_048_576
    /// Bytes of the greeting that a connection between replicas begins with. A longer one closes it.
    package static let peerGreetingByteCountMax = 16_384
    /// Milliseconds from a connection between replicas to the end of its handshake. A slower one is closed.
    package static let peerHandshakeMillisecondsMax = 5_000
    /// Connections of the peers' port that have not proved who they are. With a further one the oldest is closed.
    package static let unprovenConnectionCountMax = 64
    /// Bytes of log that one of several replicas keeps for those that were away: a million small writes and more.
    package static let logTailByteCountForPeers = 512 * 1_048_576

    /// Slots that are accepted and not applied, beyond which a replica takes no more values.
    package static let pendingSlotCountMax = 16_384
    /// Batches that wait for a slot, beyond which a leader takes none of its peers': they send them again.
    package static let waitingBatchCountMax = 16_384
    /// Bytes that a replica tells of itself while the cluster forms.
    package static let formationByteCountMax = 8_192
    /// Bytes of a snapshot in one message; one is under way at a time.
    package static let snapshotPieceByteCountMax = 1_048_576

    // MARK: Store

    /// Bytes of the active delta at which a checkpoint starts.
    package static let deltaByteCountCheckpoint = 24 * 1_048_576
    /// Bytes of active and frozen delta at which writers wait for the checkpoint.
    package static let deltaByteCountMax = 64 * 1_048_576
    /// Commands since the last checkpoint at which one starts, so that replay stays short.
    package static let commandsPerCheckpointMax = 250_000
    /// Pages of the store that a checkpoint may copy, about: the memory they take is not given back.
    package static let pagesPerCheckpointMax = 40_000
    /// Milliseconds that the next start would need to replay the log, about, at which a checkpoint starts.
    package static let replayMillisecondsCheckpoint: UInt64 = 100
    /// Milliseconds of replay that may come on top during a checkpoint before writers wait for it.
    package static let replayMillisecondsWaiting: UInt64 = 100
    /// Bytes of a store's file up to which every open checks all of its pages.
    package static let auditedAtOpenByteCountMax = 64 * 1_048_576
    /// Bytes of a name that fit into a key of the store; longer names take a hashed key.
    package static let inlineNameByteCountMax = 503
    /// Bytes of znode data that stay in the row; longer data lies in chunks beside it.
    package static let inlineDataByteCountMax = 1_024

    // MARK: Simulation

    /// Placements that one search for a linearization may try. Beyond, its partition is undecided.
    package static let linearizationPlacementCountMax = 2_000_000
    /// Frames that a link of a simulated network may have under way. A further one is lost, and counted.
    package static let simulatedLinkFrameCountMax = 65_536
}
