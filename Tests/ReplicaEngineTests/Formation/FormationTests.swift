import Consensus
import CoreTypes
import Testing

@testable import ReplicaEngine

@Suite("Formation")
struct FormationTests {
    private static func number(_ replica: UInt8) -> ReplicaID { ReplicaID(rawValue: replica) }

    private static func identity(_ replica: UInt8, _ incarnation: UInt64 = 1) -> ReplicaIdentity {
        ReplicaIdentity(
            replica: number(replica), incarnation: Incarnation(Identifier128(high: UInt64(replica), low: incarnation)))
    }

    private static let drawn = ClusterID(Identifier128(high: 7, low: 8))

    private static func record(_ voters: [ReplicaIdentity], observers: [ReplicaIdentity] = []) throws -> FoundingRecord
    {
        let members =
            voters.map { Member(identity: $0, isVoter: true) } + observers.map { Member(identity: $0, isVoter: false) }
        return FoundingRecord(cluster: drawn, membership: try #require(Membership(members)))
    }

    private func make(
        _ replica: UInt8, voters: [UInt8] = [1, 2, 3], observers: [UInt8] = [], founding: FoundingRecord? = nil,
        isInitializing: Bool = false
    ) throws -> Formation {
        let configured = try #require(
            ConfiguredMembers(voters: voters.map(Self.number), observers: observers.map(Self.number)))
        return Formation(
            own: Self.identity(replica), configured: configured, founding: founding, drawn: Self.drawn,
            isInitializing: isInitializing)
    }

    private func facts(_ voters: [UInt8] = [1, 2, 3], _ founding: FoundingRecord? = nil) -> FormationFacts {
        FormationFacts(configuredVoters: voters.map(Self.number), founding: founding)
    }

    /// A peer connects and tells its facts; what comes of the latter.
    private func meet(
        _ formation: inout Formation, _ peer: ReplicaIdentity, _ facts: FormationFacts
    ) -> [FormationEffect] {
        var effects: [FormationEffect] = []
        formation.connected(peer, into: &effects)
        effects.removeAll()
        formation.received(facts, from: peer, into: &effects)
        return effects
    }

    @Test("the lowest voter founds when every voter is there and empty, and tells it when the record is durable")
    func founding() throws {
        var formation = try make(1, observers: [4, 5])
        let record = try Self.record(
            [Self.identity(1), Self.identity(2), Self.identity(3)],
            observers: [
                Self.identity(4), ReplicaIdentity(replica: Self.number(5), incarnation: Formation.unknownIncarnation),
            ])
        #expect(meet(&formation, Self.identity(2), facts()) == [])
        #expect(formation.missingVoters == [Self.number(3)])
        #expect(meet(&formation, Self.identity(4), facts()) == [], "an observer is not waited for, nor does it count")
        #expect(meet(&formation, Self.identity(3), facts()) == [.found(record)])
        #expect(formation.founding == nil)
        var effects: [FormationEffect] = []
        formation.connected(Self.identity(5), into: &effects)
        #expect(effects == [], "nothing is told while the record is being written")
        formation.recordIsDurable(into: &effects)
        #expect(formation.founding == record)
        #expect(effects == [2, 3, 4, 5].map { .send(facts([1, 2, 3], record), to: Self.number($0)) })
    }

    @Test("the others do not found, and take the record that names them")
    func adopting() throws {
        var formation = try make(2)
        let record = try Self.record([Self.identity(1), Self.identity(2), Self.identity(3)])
        #expect(meet(&formation, Self.identity(1), facts()) == [])
        #expect(meet(&formation, Self.identity(3), facts()) == [])
        #expect(meet(&formation, Self.identity(1), facts([1, 2, 3], record)) == [.adopt(record)])
        var effects: [FormationEffect] = []
        formation.recordIsDurable(into: &effects)
        #expect(formation.founding == record)
    }

    @Test("a voter that left before the last one came is waited for again")
    func disconnection() throws {
        var formation = try make(1)
        #expect(meet(&formation, Self.identity(2), facts()) == [])
        formation.disconnected(Self.number(2))
        #expect(meet(&formation, Self.identity(3), facts()) == [])
        #expect(formation.missingVoters == [Self.number(2)])
    }

    @Test("facts of whoever is not connected under that incarnation are ignored")
    func staleFacts() throws {
        var formation = try make(2)
        let record = try Self.record([Self.identity(1), Self.identity(2), Self.identity(3)])
        var effects: [FormationEffect] = []
        formation.connected(Self.identity(1, 2), into: &effects)
        effects.removeAll()
        formation.received(facts([1, 2, 3], record), from: Self.identity(1), into: &effects)
        #expect(effects == [])
    }

    @Test("a directory that was lost takes the record, is not in it, and founds nothing")
    func lostDirectory() throws {
        var formation = try make(1)
        let record = try Self.record([Self.identity(1, 9), Self.identity(2), Self.identity(3)])
        #expect(meet(&formation, Self.identity(2), facts([1, 2, 3], record)) == [.mustBeReadmitted(record)])
        var effects: [FormationEffect] = []
        formation.connected(Self.identity(3), into: &effects)
        #expect(effects == [], "nothing is told while the record is being written")
        #expect(meet(&formation, Self.identity(2), facts()) == [])
        #expect(meet(&formation, Self.identity(3), facts()) == [])
        #expect(formation.founding == nil)
        formation.recordIsDurable(into: &effects)
        #expect(formation.founding == record)
        #expect(effects == [2, 3].map { .send(facts([1, 2, 3], record), to: Self.number($0)) })
        #expect(!record.contains(Self.identity(1)))
    }

    @Test("a directory of other voters is known as such before it is opened")
    func ownRefusal() throws {
        let founded = try Self.record([Self.identity(1), Self.identity(2), Self.identity(3)])
        #expect(try make(1, founding: founded).ownRefusal == nil)
        #expect(try make(1).ownRefusal == nil)
        let numbers = { (replicas: [UInt8]) in replicas.map { Self.number($0) } }
        #expect(
            try make(1, voters: [1, 2, 3, 4], founding: founded).ownRefusal
                == .configuredOtherwise(configured: numbers([1, 2, 3, 4]), founded: numbers([1, 2, 3])))
    }

    @Test("a voter takes no record from an observer")
    func observersRecord() throws {
        var formation = try make(2, observers: [4])
        let record = try Self.record(
            [Self.identity(1), Self.identity(2), Self.identity(3)], observers: [Self.identity(4)])
        #expect(meet(&formation, Self.identity(4), facts([1, 2, 3], record)) == [])
        #expect(formation.missingVoters == [Self.number(1), Self.number(3)])
    }

    @Test("an observer takes the record, whether or not it was there when it was made: it never votes")
    func observer() throws {
        let voters = [Self.identity(1), Self.identity(2), Self.identity(3)]
        var present = try make(4, observers: [4])
        let with = try Self.record(voters, observers: [Self.identity(4)])
        #expect(meet(&present, Self.identity(1), facts([1, 2, 3], with)) == [.adopt(with)])
        var absent = try make(4, observers: [4])
        let unknown = ReplicaIdentity(replica: Self.number(4), incarnation: Formation.unknownIncarnation)
        let without = try Self.record(voters, observers: [unknown])
        #expect(meet(&absent, Self.identity(1), facts([1, 2, 3], without)) == [.adopt(without)])
        var stranger = try make(4, observers: [4])
        let numbers = [1, 2, 3].map { Self.number($0) }
        #expect(
            meet(&stranger, Self.identity(1), facts([1, 2, 3], try Self.record(voters)))
                == [.refuse(.notAMember(own: Self.number(4), founded: numbers))])
    }

    @Test("other voters are refused: a peer's, a cluster's, and those of the own directory")
    func otherVoters() throws {
        let three = [1, 2, 3].map { Self.number($0) }
        let two = [1, 2].map { Self.number($0) }
        var waiting = try make(1)
        let peer = FormationRefusal.peerConfiguredOtherwise(peer: Self.number(2), own: three, theirs: two)
        #expect(meet(&waiting, Self.identity(2), facts([1, 2])) == [.refuse(peer)])
        #expect(meet(&waiting, Self.identity(3), facts()) == [], "whom it names otherwise is not there")
        #expect(!peer.isFatal)

        let record = try Self.record([Self.identity(1), Self.identity(2)])
        let own = FormationRefusal.configuredOtherwise(configured: three, founded: two)
        #expect(own.isFatal && own.description.contains("1, 2, 3") && own.description.contains("with 1, 2,"))
        #expect(meet(&waiting, Self.identity(2), facts([1, 2], record)) == [.refuse(own)])

        var founded = try make(1, founding: record)
        var effects: [FormationEffect] = []
        founded.start(into: &effects)
        #expect(effects == [.refuse(own)])
        effects.removeAll()
        founded.connected(Self.identity(2), into: &effects)
        #expect(effects == [], "it says nothing more")
    }

    @Test("other clusters, unknown replicas and one's own number are refused, and go no further")
    func strangers() throws {
        let record = try Self.record([Self.identity(1), Self.identity(2), Self.identity(3)])
        var other = record
        other.cluster = ClusterID(Identifier128(high: 7, low: 9))
        var formation = try make(2, founding: record)
        #expect(
            meet(&formation, Self.identity(1), facts([1, 2, 3], other))
                == [.refuse(.otherCluster(peer: Self.number(1), own: record.cluster, theirs: other.cluster))])
        #expect(meet(&formation, Self.identity(3), facts([1, 2, 3], record)) == [])
        var effects: [FormationEffect] = []
        formation.connected(Self.identity(2, 5), into: &effects)
        formation.connected(Self.identity(8), into: &effects)
        #expect(
            effects == [.refuse(.sameReplica(Self.number(2))), .refuse(.notConfigured(peer: Self.number(8)))])
    }

    @Test("told to initialize, any voter founds with a quorum, and whoever is missing has no vote")
    func initializing() throws {
        var formation = try make(2, isInitializing: true)
        let unknown = ReplicaIdentity(replica: Self.number(1), incarnation: Formation.unknownIncarnation)
        let record = try Self.record([unknown, Self.identity(2), Self.identity(3)])
        var effects: [FormationEffect] = []
        formation.start(into: &effects)
        #expect(effects == [])
        #expect(meet(&formation, Self.identity(3), facts()) == [.found(record)])
    }

    @Test("record and facts are read as they were written, and nothing else is taken")
    func codec() throws {
        let record = try Self.record([Self.identity(1), Self.identity(200)], observers: [Self.identity(7)])
        #expect(
            record.bytes.prefix(22) == [1, 7, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 3, 1, 1, 1][...],
            "version, cluster, version, members, the first of them")
        #expect(try FoundingRecord(record.bytes) == record)
        for facts in [facts([1, 200], record), facts([1, 2, 3])] {
            #expect(try FormationFacts(facts.bytes) == facts)
        }
        let bytes = facts([1, 200], record).bytes
        for count in bytes.indices where count != 4 {
            #expect(throws: FormationDecodingError.self) { try FormationFacts(Array(bytes.prefix(count))) }
        }
        #expect(throws: FormationDecodingError.self) { try FormationFacts(bytes + [0]) }
        #expect(throws: FormationDecodingError.self) { try FormationFacts([1, 2, 5, 5]) }
        #expect(throws: FormationDecodingError.self) { try FoundingRecord([2] + record.bytes.dropFirst()) }
    }

    @Test("no bytes make a decoder trap, and what is taken is written as it was read")
    func hostileBytes() throws {
        var random = SplitMix64(seed: 11)
        let whole = facts([1, 2, 3], try Self.record([Self.identity(1), Self.identity(2), Self.identity(3)])).bytes
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0...(random.next() % 3) {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            if let read = try? FormationFacts(bytes) { #expect(read.bytes == bytes) }
        }
    }
}
