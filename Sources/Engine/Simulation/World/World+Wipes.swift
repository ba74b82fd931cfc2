import Consensus
import CoreTypes
import PeerWire
import PosixIO
import ReplicaEngine
import SystemPackage
import ZnodeTree
import ZooKeeperWire

/// Replicas whose directory is lost, and who they are on the wire.
extension World {
    /// The replica loses its disk for good, and starts again with an empty one under a new incarnation, if that leaves
    /// whole copies of everything.
    func wipe(_ replica: SimulatedReplica) {
        guard replica.engine != nil, generator.oneIn(3) else { return }
        reviewLosses()
        do throws(Atlas.Denial) {
            try atlas.grant(.wiped, to: replica.id)
        } catch {
            counters.wipesDenied += 1
            return
        }
        counters.wipes += 1
        if !replica.isWiped { replica.former = replica.identity }
        crash(replica)
        replica.isWiped = true
        replica.stale = nil
        replica.losses.removeAll()
        replica.replaceDisk(DiskImage())
        try? replica.disk.createDirectory("/data")
        replica.base = ModelZnodeBase()
        if options.mutant != .wipedKeepsName {
            let incarnation = Identifier128(high: generator.next(), low: generator.next())
            replica.identity.incarnation = Incarnation(incarnation)
        }
        schedule(.restart(replica.place), after: 1_000 + generator.next() % 1_000_000)
    }

    /// A wiped replica that votes again has caught up, and another one may be wiped.
    func noteReadmission(of replica: SimulatedReplica) {
        guard replica.isWiped, let engine = replica.engine, engine.isVoting else { return }
        replica.isWiped = false
        counters.readmissions += 1
        atlas.readmitted(replica.id)
    }

    var areAllReadmitted: Bool { replicas.allSatisfy { !$0.isWiped } }

    // MARK: Who sends

    private static let stampByteCount = 16

    /// Sends a frame over the connection that stands, with what the sender has proven of itself.
    ///
    /// - Parameter identity: another one than the sender's, for a bug.
    func transmit(
        _ body: [UInt8], from sender: SimulatedReplica, as identity: ReplicaIdentity? = nil, to receiver: ReplicaID
    ) {
        let incarnation = (identity ?? sender.identity).incarnation.value
        let frame = ByteBuilder(capacity: body.count + Self.stampByteCount)
        frame.append(littleEndian: incarnation.high)
        frame.append(littleEndian: incarnation.low)
        unsafe frame.append(body.span.bytes)
        network.send([UInt8](copying: frame.bytes), from: sender.id, to: receiver, at: now)
    }

    /// Who sent a frame, and what.
    func received(_ frame: [UInt8], from sender: ReplicaID) -> (identity: ReplicaIdentity, body: [UInt8]) {
        var reader = unsafe ByteReader(frame.span.bytes)
        let high = (try? reader.integer(UInt64.self)) ?? 0
        let low = (try? reader.integer(UInt64.self)) ?? 0
        let incarnation = Incarnation(Identifier128(high: high, low: low))
        let identity = ReplicaIdentity(replica: sender, incarnation: incarnation)
        return (identity, Array(frame.dropFirst(Self.stampByteCount)))
    }

    // MARK: A bug

    /// A replica that is not readmitted yet votes as the one that it was.
    func voteEarly(_ body: [UInt8], at replica: SimulatedReplica, from sender: SimulatedReplica) {
        guard replica.isWiped, let former = replica.former,
            case .consensus(let message)? = decode(body)?.message
        else { return }
        let reply: Message
        switch message {
        case .preVote(let ballot, _): reply = .preVoteReply(ballot: ballot, isGranted: true, promised: .none)
        case .prepare(let ballot, _):
            reply = .promise(Promise(ballot: ballot, chosenThrough: .none, entries: [], unknown: []))
        case .accept(let accept):
            reply = .accepted(ballot: accept.ballot, first: accept.slot, last: accept.slot)
        default: return
        }
        transmit(encode(.consensus(reply), payload: []), from: replica, as: former, to: sender.id)
    }
}
