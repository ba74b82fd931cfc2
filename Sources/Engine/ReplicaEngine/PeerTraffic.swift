internal import Consensus
internal import CoreTypes
internal import DequeModule
internal import ZnodeTree
internal import ZooKeeperWire

/// What one of several replicas has under way with the others. Confined like the engine it belongs to.
final class PeerTraffic {
    /// What carries messages; nil before it is connected, and then they are lost.
    weak var link: (any PeerLink)?
    /// Messages that wait for records to become durable. Their tokens never fall.
    var deferred: Deque<DeferredEnvelope> = []
    /// Batches of this replica's sessions.
    var outstanding = OutstandingBatches()
    var digests = DigestComparison()
    /// The value that came with the message under way.
    var arrived: ArrivedValue?
    /// Attachments that wait for their sessions.
    var asking: [AttachmentID: SessionRequest] = [:]
    /// Expiries and deletions of this turn, which the leader alone proposes.
    var decisions = ProposalBatch()
    /// The snapshot on its way into this replica.
    var installation: Installation?
    /// How often peers said, while this slot was the last applied one, that they have no values for this replica.
    var needSlot = Slot.none
    var needCount = 0
    /// Since when the leader has had no room to propose.
    var stuckTick: Tick?
    /// Sessions heard of here since the leader was told last.
    var touched: Set<SessionID> = []
    /// The leader that outstanding batches go to, and its ballot: a change sends them again.
    var target = ReplicaID.none
    var targetBallot = Ballot.none
    /// When outstanding batches are sent again for want of progress, and how long to wait then.
    var repeatTick = Tick(rawValue: 0)
    var repeatMilliseconds = PeerTraffic.repeatMillisecondsMin
    var touchTick = Tick(rawValue: 0)
    var readTokenCount: UInt64 = 0
    /// Leader only.
    var quickest = QuickestPeers()
    /// Who holds a session, so that a client may read or watch there; nil if that must be found out anew.
    var hosts: Set<ReplicaID>?
    /// By replica: about the slot of the last batch that it forwarded, while it was not told that this is chosen.
    private var awaited = [Slot](repeating: .none, count: 256)
    /// Messages are written here before they are queued.
    let scratch = ByteBuilder(capacity: 64 * 1_024)
    /// When the leader is asked next to readmit this replica.
    var admissionTick = Tick(rawValue: 0)
    /// Whether this replica voted when it was looked at last; nil before the first time.
    var isVoting: Bool?
    /// Leader only: when the members were last heard of, each in the incarnation that it has in the membership.
    var heardTicks: [ReplicaID: Tick] = [:]
    /// Leader only: since when it serves.
    var serveTick = Tick(rawValue: 0)
    /// Who was last refused to be readmitted.
    var refusedCandidate: ReplicaIdentity?
    /// How often in a row.
    var refusalCount = 0
    let empty = ByteBuilder()

    /// Connections of clients are over, and nobody waits for what they submitted.
    func forgetClients() {
        outstanding = OutstandingBatches()
        asking.removeAll()
        touched.removeAll()
        digests = DigestComparison()
        hosts = nil
    }

    /// With more sessions than this somebody will read or watch everywhere.
    static let hostSessionCountMax = 64

    /// How many answers say that a snapshot is needed; each is another peer's as long as there are others.
    static let needCountMin = 2

    /// Without progress outstanding batches are sent again after this long, then after twice as long, and so on.
    static let repeatMillisecondsMin: UInt64 = 1_000
    static let repeatMillisecondsMax: UInt64 = 8_000
    /// How often the leader is told which sessions were heard of.
    static let touchPeriodMilliseconds: UInt64 = 200
    /// A leader that has had no room for this long lets another one lead; checkpoints take less.
    static let stuckMillisecondsMax: UInt64 = 5_000
    /// Bytes of values in one answer to a fetch; the first always goes.
    static let serveByteCountMax = 1_048_576
}

extension PeerTraffic {
    /// A replica's clients wait for a slot.
    func note(_ replica: ReplicaID, awaits slot: Slot) {
        awaited[Int(replica.rawValue)] = max(awaited[Int(replica.rawValue)], slot)
    }

    /// Whether a replica's clients wait for a slot.
    func isAwaiting(_ replica: ReplicaID) -> Bool { awaited[Int(replica.rawValue)] != .none }

    /// A replica is told what is chosen.
    ///
    /// - Returns: whether its clients wait for that.
    func isAwaited(by replica: ReplicaID, through slot: Slot) -> Bool {
        let awaitedSlot = awaited[Int(replica.rawValue)]
        if awaitedSlot <= slot { awaited[Int(replica.rawValue)] = .none }
        return awaitedSlot != .none
    }
}

/// What a connection asked for.
enum SessionRequest {
    /// - seen: who held the session when it was asked for, as the command names it.
    case attach(SessionID, SessionPassword, timeoutMilliseconds: UInt32, seen: UInt64)
    case open(number: UInt64, timeoutMilliseconds: UInt32, SessionPassword, isHidden: Bool)

    /// Whether a refusal is of this very attempt, and not of an earlier one of the same attachment.
    func isRefused(by event: SessionEvent) -> Bool {
        switch self {
        case .attach(_, _, timeoutMilliseconds: _, let seen): event.sequence == seen
        case .open(let number, timeoutMilliseconds: _, _, isHidden: _): event.session.rawValue == number
        }
    }
}

/// The bytes of a value in a message, valid during its step.
struct ArrivedValue {
    var slot: Slot
    var ballot: Ballot
    var batch: ProposalBatch
}
