package import Consensus
package import CoreTypes

/// How a first start agrees on the cluster's name and members, as a pure value: no I/O, clock, thread or randomness.
///
/// Before it talks to anyone, every directory has durably drawn its own incarnation. Then:
///
/// 1. Connected replicas tell each other facts: the voters that they are configured with, and their founding record if
///    they have one.
/// 2. The *founder*, the lowest of the configured voters, waits until every configured voter has told it, on the
///    connection that stands now, that it has no record and the same configured voters. It then makes a record that
///    names each under its incarnation, makes it durable, and only then tells it.
/// 3. A replica without a record takes the one that it is told if it is named in it, under the incarnation it has. It
///    never voted, so it may. If it is named under another incarnation, its directory was lost: it takes the record, too,
///    has no vote, and must be readmitted. Voters take records from voters only.
///
/// A replica takes a record once and never another. The article *Formation* has the argument.
///
/// - Important: Three rules for the shell. A peer's identity is proven before `connected`; when a peer connects anew, no
///   more facts from its earlier connections are handed in; and facts are sent where the effect `send` says so, never
///   before `connected` was called for that connection.
package struct Formation: Hashable, Sendable {
    private enum Phase: Hashable {
        /// No record, and nobody who is founded has told of one.
        case waiting
        /// A record is being made durable. Nothing is told of oneself meanwhile, because either answer could be wrong.
        case persisting(FoundingRecord)
        /// The record is durable.
        case founded(FoundingRecord)
        /// Nothing can be done before an operator has changed something.
        case refused
    }

    private struct Peer: Hashable {
        var identity: ReplicaIdentity
        /// Nil until it told, or when what it told was refused.
        var facts: FormationFacts?
    }

    /// Stands in a founding record for a member that was not there; no directory ever draws it.
    package static let unknownIncarnation = Incarnation(.none)

    private let own: ReplicaIdentity
    private let configured: ConfiguredMembers
    /// The name of the cluster, should this replica found it.
    private let drawn: ClusterID
    /// True when an operator vouches that there was no cluster before: then this replica founds one as soon as a quorum
    /// is there.
    private let isInitializing: Bool
    private var phase: Phase
    /// The peers that are connected now, by rising number, none twice.
    private var peers: [Peer] = []

    /// - Parameters:
    ///   - own: who this directory is; its incarnation is durable.
    ///   - configured: the members that the configuration names, this replica among them.
    ///   - founding: what is durable of an earlier foundation.
    ///   - drawn: 128 random bits, new in every life of the process.
    ///   - isInitializing: see `design.md` D9, `--initialize`.
    package init(
        own: ReplicaIdentity, configured: ConfiguredMembers, founding: FoundingRecord?, drawn: ClusterID,
        isInitializing: Bool = false
    ) {
        invariant(configured.contains(own.replica), "replica \(own.replica.rawValue) is not configured")
        invariant(own.incarnation != Formation.unknownIncarnation, "an incarnation that was never drawn")
        self.own = own
        self.configured = configured
        self.drawn = drawn
        self.isInitializing = isInitializing
        phase = founding.map { .founded($0) } ?? .waiting
    }

    // MARK: State

    /// The record, once it is durable: from then on the replica may vote as the member that it names. One that is named
    /// under another incarnation has no vote until it is readmitted.
    package var founding: FoundingRecord? {
        guard case .founded(let record) = phase else { return nil }
        return record
    }

    /// The voters that a first start still waits for, for the operator's eyes; empty once there is nothing to wait for.
    package var missingVoters: [ReplicaID] {
        guard phase == .waiting else { return [] }
        return configured.voters.filter { $0 != own.replica && !isReady($0) }
    }

    /// Why this directory does not belong to what the configuration names, if so; to be asked before it is opened.
    package var ownRefusal: FormationRefusal? {
        guard case .founded(let record) = phase, record.voters != configured.voters else { return nil }
        return .configuredOtherwise(configured: configured.voters, founded: record.voters)
    }

    // MARK: Inputs

    /// To be called once, before any other input.
    package mutating func start(into effects: inout [FormationEffect]) {
        if let refusal = ownRefusal { return stop(refusal, &effects) }
        foundIfReady(&effects)
    }

    /// A connection to a peer stands, and each side has proven who it is. An earlier one to the same replica is over.
    package mutating func connected(_ peer: ReplicaIdentity, into effects: inout [FormationEffect]) {
        guard phase != .refused else { return }
        guard peer.replica != own.replica else { return effects.append(.refuse(.sameReplica(peer.replica))) }
        guard configured.contains(peer.replica) else {
            return effects.append(.refuse(.notConfigured(peer: peer.replica)))
        }
        disconnected(peer.replica)
        peers.append(Peer(identity: peer))
        peers.sort { $0.identity.replica < $1.identity.replica }
        if let facts { effects.append(.send(facts, to: peer.replica)) }
    }

    /// The connection to a peer is over.
    package mutating func disconnected(_ peer: ReplicaID) {
        peers.removeAll { $0.identity.replica == peer }
    }

    /// A peer told its facts, over the connection that stands now. Those of anybody else are ignored.
    package mutating func received(
        _ facts: FormationFacts, from peer: ReplicaIdentity, into effects: inout [FormationEffect]
    ) {
        guard phase != .refused, let index = peers.firstIndex(where: { $0.identity == peer }) else { return }
        peers[index].facts = facts
        judge(index, &effects)
        foundIfReady(&effects)
    }

    /// The record of `found`, `adopt` or `mustBeReadmitted` is durable.
    package mutating func recordIsDurable(into effects: inout [FormationEffect]) {
        switch phase {
        case .persisting(let record): phase = .founded(record)
        case .waiting, .founded, .refused: invariantBroken("no record was to be made durable", #fileID, #line)
        }
        if let facts { for peer in peers { effects.append(.send(facts, to: peer.identity.replica)) } }
        // What was told meanwhile.
        for index in peers.indices { judge(index, &effects) }
    }

    // MARK: Rules

    /// What is told of this replica; nil while nothing is.
    private var facts: FormationFacts? {
        switch phase {
        case .waiting: FormationFacts(configuredVoters: configured.voters, founding: nil)
        case .founded(let record): FormationFacts(configuredVoters: configured.voters, founding: record)
        case .persisting, .refused: nil
        }
    }

    /// What a peer's facts mean to this replica.
    private mutating func judge(_ index: Int, _ effects: inout [FormationEffect]) {
        guard let facts = peers[index].facts else { return }
        let peer = peers[index].identity.replica
        switch phase {
        case .refused, .persisting: break
        case .founded(let record):
            if let theirs = facts.founding, theirs != record {
                reject(index, .otherCluster(peer: peer, own: record.cluster, theirs: theirs.cluster), &effects)
            } else if facts.founding == nil, facts.configuredVoters != record.voters {
                rejectVoters(index, facts.configuredVoters, &effects)
            }
        case .waiting:
            if let record = facts.founding {
                take(record, fromVoter: configured.voters.contains(peer), &effects)
            } else if facts.configuredVoters != configured.voters {
                rejectVoters(index, facts.configuredVoters, &effects)
            }
        }
    }

    /// Without a record, and told of one.
    private mutating func take(_ record: FoundingRecord, fromVoter: Bool, _ effects: inout [FormationEffect]) {
        // A founder asks every voter, and no observer, whether there is a record already.
        guard fromVoter else { return }
        guard record.voters == configured.voters else {
            return stop(.configuredOtherwise(configured: configured.voters, founded: record.voters), &effects)
        }
        if record.contains(own) || isObserver(in: record) {
            phase = .persisting(record)
            effects.append(.adopt(record))
        } else if record.membership.index(of: own.replica) != nil {
            phase = .persisting(record)
            effects.append(.mustBeReadmitted(record))
        } else {
            stop(.notAMember(own: own.replica, founded: record.voters), &effects)
        }
    }

    /// An observer never votes, so it has nothing to have forgotten, and no founder waits for it.
    private func isObserver(in record: FoundingRecord) -> Bool {
        record.membership.index(of: own.replica).map { !record.membership.members[$0].isVoter } ?? false
    }

    private mutating func foundIfReady(_ effects: inout [FormationEffect]) {
        guard phase == .waiting, configured.voters.contains(own.replica) else { return }
        let readyCount = configured.voters.count { $0 == own.replica || isReady($0) }
        let isFounder = configured.voters.first == own.replica
        let isEverybody = readyCount == configured.voters.count
        let isQuorum = readyCount > configured.voters.count / 2
        guard (isFounder && isEverybody) || (isInitializing && isQuorum) else { return }
        let members =
            configured.voters.map { Member(identity: identityNow($0), isVoter: true) }
            + configured.observers.map { Member(identity: identityNow($0), isVoter: false) }
        guard let membership = Membership(members) else {
            invariantBroken("configured members that can be no membership", #fileID, #line)
        }
        let record = FoundingRecord(cluster: drawn, membership: membership)
        phase = .persisting(record)
        effects.append(.found(record))
    }

    /// A peer that has no record, and wants the same cluster.
    private func isReady(_ replica: ReplicaID) -> Bool {
        peers.contains { peer in
            peer.identity.replica == replica && peer.identity.incarnation != Formation.unknownIncarnation
                && peer.facts == FormationFacts(configuredVoters: configured.voters, founding: nil)
        }
    }

    /// Under which identity a member stands in a record made now.
    private func identityNow(_ replica: ReplicaID) -> ReplicaIdentity {
        if replica == own.replica { return own }
        let unknown = ReplicaIdentity(replica: replica, incarnation: Formation.unknownIncarnation)
        return isReady(replica) ? peers.first { $0.identity.replica == replica }?.identity ?? unknown : unknown
    }

    // MARK: Refusals

    private mutating func stop(_ refusal: FormationRefusal, _ effects: inout [FormationEffect]) {
        phase = .refused
        peers = []
        effects.append(.refuse(refusal))
    }

    /// Its facts do not count, and the connection is to be closed.
    private mutating func reject(_ index: Int, _ refusal: FormationRefusal, _ effects: inout [FormationEffect]) {
        peers[index].facts = nil
        effects.append(.refuse(refusal))
    }

    private mutating func rejectVoters(
        _ index: Int, _ theirs: [ReplicaID], _ effects: inout [FormationEffect]
    ) {
        let peer = peers[index].identity.replica
        reject(index, .peerConfiguredOtherwise(peer: peer, own: configured.voters, theirs: theirs), &effects)
    }
}
