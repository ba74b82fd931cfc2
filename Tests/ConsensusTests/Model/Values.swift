import Consensus
package import CoreTypes

/// The identity of a test's replica in one life of its directory.
func identity(_ number: UInt8, life: UInt64 = 1) -> ReplicaIdentity {
    ReplicaIdentity(
        replica: ReplicaID(rawValue: number), incarnation: Incarnation(Identifier128(high: UInt64(number), low: life)))
}

extension ValueDescriptor {
    /// A value whose "bytes" are a number.
    static func number(_ number: UInt64, byteCount: UInt32 = 10) -> ValueDescriptor {
        ValueDescriptor(byteCount: byteCount, checksum: number, commandCount: 1)
    }

    /// The readmission of a replica under a new incarnation; the model's encoding of a membership command.
    static func readmission(of identity: ReplicaIdentity) -> ValueDescriptor {
        ValueDescriptor(
            byteCount: 20, checksum: UInt64(identity.replica.rawValue) << 32 | identity.incarnation.value.low,
            commandCount: 1, kind: .membership)
    }

    /// What `readmission(of:)` put in.
    var readmitted: ReplicaIdentity {
        Consensus.ReplicaIdentity(
            replica: ReplicaID(rawValue: UInt8(checksum >> 32)),
            incarnation: Incarnation(Identifier128(high: checksum >> 32, low: checksum & 0xFFFF_FFFF)))
    }
}

extension Membership {
    /// Voters 1 through `count`, in their first life.
    static func voters(_ count: Int) -> Membership? {
        Membership((1...count).map { Member(identity: identity(UInt8($0)), isVoter: true) })
    }
}

extension Slot: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: UInt64) { self.init(rawValue: value) }
}

/// A message on its way, with the sender's identity as the transport proves it.
struct Flight: Hashable {
    var sender: ReplicaIdentity
    var receiver: ReplicaID
    var message: Message
}

/// A seeded bug of the shell, for seeing that the checkers catch it.
enum Mutant: String, CaseIterable {
    /// Messages of `sendAfterPersist` leave at once.
    case answerBeforePersist
    /// The own disk is reported durable at once.
    case ownVoteBeforePersist
    /// A restart forgets promises.
    case forgetPromise
    /// A restart forgets what was accepted and not known to be chosen.
    case forgetAccepted
    /// A restart takes the first accept record of a slot instead of that of the highest ballot.
    case resurrectOldValue
    /// A damaged record is answered like none.
    case faultyAsNo
    /// Lost headers are answered like "no".
    case unknownAsNo
    /// An acceptor's promise reports nothing.
    case promiseWithoutReport
    /// An acceptor's promise reports every slot with the lowest ballot.
    case promiseWithWrongBallots
    /// A vote is taken for that of another replica, so that a quorum is one vote too small.
    case countVoteTwice
    /// A wiped replica keeps its identity.
    case wipedKeepsIdentity
    /// What the leader announces is learned whatever ballot it was accepted under.
    case learnAnyBallot
    /// A read is answered with the local chosen slot, without asking anyone.
    case localReadIndex
    /// A read's answer is kept and given to the next read.
    case reuseReadIndex
    /// A message is taken as proof that the sender has everything before it too.
    case acknowledgeGaps
}
