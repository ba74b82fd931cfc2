import Consensus
import CoreTypes
import DurableLog
import Testing
import ZnodeTree

@testable import PeerWire
@testable import ReplicaEngine

@Suite("A replica too far behind for values")
struct InstallationTests {
    /// Logs that reach back hardly further than the newest snapshot, and snapshots that take many messages.
    private static func shortLogs(_ options: inout EngineOptions) {
        options.commandsPerCheckpointMax = 40
        options.logByteCountPerSnapshot = 1
        options.logByteCountForPeers = 0
        options.cluster?.snapshotPieceByteCount = 8_000
    }

    /// A cluster of which one replica, which does not lead, was cut off until the others' logs began after its last slot.
    private static func leftBehind(count: Int = 3) throws -> (TestCluster, TestReplica) {
        let cluster = try TestCluster.serving(count: count, adjust: shortLogs)
        let leader = try #require(cluster.leader)
        let away = try #require(cluster.replicas.first { $0 !== leader })
        cluster.pass(milliseconds: 100)
        cluster.isolated = [away.identity.replica]
        write(500, by: leader, in: cluster)
        let slot = try #require(away.engine?.appliedSlot)
        for replica in cluster.replicas where replica !== away {
            let first = try #require(replica.engine?.log.firstRetainedSlot)
            try #require(first > slot.next, "the log begins at \(first.rawValue)")
        }
        return (cluster, away)
    }

    private static func write(_ count: Int, by replica: TestReplica, in cluster: TestCluster) {
        for number in 0..<count {
            var random = SplitMix64(seed: UInt64(number))
            replica.create("/n\(number)", data: (0..<300).map { _ in UInt8.random(in: 0...255, using: &random) })
            if number % 4 == 3 { cluster.pass(milliseconds: 10) }
        }
        cluster.pass(milliseconds: 200)
    }

    private func isHere(_ away: TestReplica) -> Bool { away.has("/n499") && away.engine?.isInstalling == false }

    @Test(
        "takes a snapshot of another one, sends its clients away meanwhile, and goes on with values", arguments: [3, 5])
    func installs(count: Int) throws {
        let (cluster, away) = try Self.leftBehind(count: count)
        cluster.isolated = []
        cluster.wait("the snapshot", milliseconds: 20_000) { isHere(away) }
        #expect(away.servingChanges == [false, true])
        #expect(away.engine?.counters.installations == 1)
        cluster.expectAgreement()
        away.open()
        cluster.wait("a session") { away.sessionEvents.count == 2 }
        away.create("/after", data: [1])
        cluster.wait("its write") { cluster.replicas.allSatisfy { $0.has("/after") } }
    }

    @Test("and it stays so over a restart, and it leads like any other")
    func restart() throws {
        let (cluster, away) = try Self.leftBehind()
        cluster.isolated = []
        cluster.wait("the snapshot", milliseconds: 20_000) { isHere(away) }
        away.crash()
        try away.start(now: cluster.now)
        #expect(away.has("/n499") || away.engine?.replay.checkpointSlot ?? .none > .none)
        cluster.expectAgreement()
        cluster.leader?.engine?.transferLeadership(to: away.identity.replica)
        cluster.wait("its lead") { cluster.leader === away }
        away.open()
        cluster.wait("a session") { away.session != .none && away.sessionEvents.last == .opened }
        away.create("/led", data: [1])
        cluster.wait("its write") { cluster.replicas.allSatisfy { $0.has("/led") } }
    }

    @Test("though every third message of the transfer is lost, and some come twice")
    func losses() throws {
        let (cluster, away) = try Self.leftBehind()
        var count = 0
        cluster.loses = { _, _, body in
            guard body[0] == PeerMessageKind.snapshotPiece.rawValue || body[0] == PeerMessageKind.fetchSnapshot.rawValue
            else { return false }
            count += 1
            return count % 3 == 0
        }
        cluster.isolated = []
        cluster.wait("the snapshot", milliseconds: 300_000) { isHere(away) }
        #expect(count > 20)
        cluster.expectAgreement()
    }

    @Test("from another one if the first dies in the middle")
    func donorDies() throws {
        let (cluster, away) = try Self.leftBehind(count: 5)
        var pieces: [ReplicaID] = []
        // Silent from its fourth piece on.
        cluster.loses = { sender, _, body in
            guard body[0] == PeerMessageKind.snapshotPiece.rawValue else { return false }
            pieces.append(sender)
            return sender == pieces[0] && pieces.count > 3
        }
        cluster.isolated = []
        cluster.wait("the first pieces", milliseconds: 20_000) { pieces.count > 3 }
        let donor = try #require(pieces.first)
        cluster[donor.rawValue].crash()
        for replica in cluster.replicas where replica.engine != nil { replica.engine?.peerDisconnected(donor) }
        cluster.wait("the snapshot", milliseconds: 60_000) { isHere(away) }
        #expect(pieces.contains { $0 != donor })
    }

    @Test("whatever step of it is the last one before it dies")
    func receiverDies() throws {
        var bases: Set<String> = []
        for step in stride(from: 1, to: 1_000, by: 11) {
            let (cluster, away) = try Self.leftBehind()
            away.stepsLeft = step
            cluster.isolated = []
            cluster.wait("step \(step)", milliseconds: 20_000) { away.isStill || isHere(away) }
            if isHere(away) { break }
            let wasInstalling = away.engine?.isInstalling == true
            away.crash()
            try away.start(now: cluster.now)
            let slot = away.engine?.replay.checkpointSlot ?? .none
            bases.insert("\(wasInstalling) \(slot > Slot(rawValue: 100))")
            cluster.wait("the rest after step \(step)", milliseconds: 60_000) { isHere(away) }
            cluster.expectAgreement()
        }
        #expect(bases.count >= 2, "\(bases)")
    }

    @Test("and a snapshot that is damaged where it lies is not passed on")
    func damaged() throws {
        let (cluster, away) = try Self.leftBehind()
        for replica in cluster.replicas where replica !== away { #expect(replica.damageSnapshots()) }
        var refusals = 0
        cluster.loses = { _, _, body in
            if body[0] == PeerMessageKind.snapshotPiece.rawValue, body.count == 33 { refusals += 1 }
            return false
        }
        cluster.isolated = []
        // Who finds his snapshot damaged takes a new one.
        cluster.wait("the snapshot", milliseconds: 60_000) { isHere(away) }
        #expect(refusals > 0)
        cluster.expectAgreement()
    }
}
