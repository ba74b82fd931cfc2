import CoreTypes
import DurableLog
import PosixIO
import ReplicaEngine
import SystemPackage

/// Damages the disks of a history, starts a cluster on them, and judges it.
struct MatrixTrial {
    let history: MatrixHistory
    let matrixCase: MatrixCase
    let expectation: MatrixExpectation
    /// Takes what happens, step by step.
    var say: ((String) -> Void)?

    /// How long a cluster may take that has everything it needs.
    private static let recoverableMilliseconds: UInt64 = 30_000
    /// How long one is watched that has not.
    private static let watchedMilliseconds: UInt64 = 3_000
    /// When a late replica starts.
    private static let lateMilliseconds: UInt64 = 1_500

    func run() -> MatrixOutcome {
        let cluster = MatrixCluster(history)
        // Engines and replicas know each other.
        defer { for replica in cluster.replicas { replica.stop() } }
        let watch = ReplacementWatch(history)
        for (place, replica) in cluster.replicas.enumerated() {
            let damages = matrixCase.damages.filter { $0.place == place }
            if !damages.isEmpty { MatrixDamage.apply(damages, to: replica) }
            replica.onApply = { watch.applied($0, $1, at: replica) }
            if place != matrixCase.latePlace { start(replica) }
        }
        let isAvailable = comeUp(cluster)
        if let replacement = watch.replacement { return .unsafe(replacement) }
        for replica in cluster.replicas {
            let count = replica.engine?.status.counters.installations ?? 0
            if count > 0 { say?("\(replica.name) installed \(count) snapshots") }
            if let loss = loss(at: replica) { return .unsafe(loss) }
        }
        return isAvailable ? .correct : .unavailable(situation(of: cluster))
    }

    private func start(_ replica: MatrixReplica) {
        if say != nil { sayLog(of: replica) }
        replica.start()
        if let refusal = replica.refusal { say?("\(replica.name) does not start: \(refusal)") }
        guard let engine = replica.engine else { return }
        let log = engine.status.log
        say?(
            "\(replica.name) starts: applied \(engine.appliedSlot.rawValue), chosen \(log.chosenThrough.rawValue), promised "
                + "round \(log.promised.round), \(log.segmentCount) segments")
        for damage in engine.replay.log.damages { say?("\(replica.name) finds: \(damage)") }
        if let cut = engine.replay.log.cut { say?("\(replica.name) cuts its log before group \(cut.group)") }
    }

    /// Says what recovery will make of a log.
    private func sayLog(of replica: MatrixReplica) {
        let found: RecoveredLog
        do throws(LogError) {
            found = try DurableLog.inspect(
                fileSystem: replica.disk, directory: "/data/log", policy: .cluster, firstSlotNeeded: .none)
        } catch {
            return
        }
        let slots = found.accepted.map {
            "\($0.slot.rawValue) \($0.state) \($0.ballot.round).\($0.ballot.replica.rawValue)"
        }
        say?("\(replica.name) has in its log: \(slots.joined(separator: ", "))")
    }

    /// Whether the cluster takes a new write, and all that run come to have it.
    private func comeUp(_ cluster: MatrixCluster) -> Bool {
        let milliseconds =
            expectation == .recoverable ? Self.recoverableMilliseconds : Self.watchedMilliseconds
        let end = cluster.now.adding(milliseconds: milliseconds)
        if let place = matrixCase.latePlace {
            cluster.pass(milliseconds: Self.lateMilliseconds)
            start(cluster.replicas[place])
        }
        var isWritten = false
        while !isWritten, cluster.now < end {
            guard cluster.wait(milliseconds: end.rawValue - cluster.now.rawValue, until: { cluster.leader != nil }),
                let leader = cluster.leader
            else { return false }
            say?("\(leader.name) leads")
            isWritten = cluster.write("/after", Array("new".utf8), at: leader, milliseconds: 2_000)
        }
        guard isWritten else { return false }
        say?("a new write is answered")
        return cluster.wait(milliseconds: Self.recoverableMilliseconds) { haveConverged(cluster) }
    }

    private func haveConverged(_ cluster: MatrixCluster) -> Bool {
        let running = cluster.replicas.filter { $0.engine != nil && $0.stopReason == nil }
        guard let slot = running.map({ $0.engine?.appliedSlot ?? .none }).max() else { return false }
        return running.allSatisfy { $0.isServing && $0.engine?.appliedSlot == slot }
    }

    /// An acknowledged write that a replica should have, and has not.
    private func loss(at replica: MatrixReplica) -> String? {
        guard let engine = replica.engine, replica.stopReason == nil else { return nil }
        for entry in history.entries where entry.slot <= engine.appliedSlot {
            if replica.data(of: entry.path) != entry.data {
                return "\(replica.name) has applied slot \(entry.slot.rawValue) and has not what \(entry.path) held"
            }
        }
        return nil
    }

    private func situation(of cluster: MatrixCluster) -> String {
        cluster.replicas.map { replica in
            if let reason = replica.stopReason { return "\(replica.name) stopped: \(reason)" }
            if let refusal = replica.refusal { return "\(replica.name) refused: \(refusal)" }
            guard let engine = replica.engine else { return "\(replica.name) is dead" }
            return "\(replica.name) is \(engine.mode.rawValue), applied \(engine.appliedSlot.rawValue)"
        }.joined(separator: "; ")
    }
}

/// Sees when a slot that was acknowledged gets another value.
private final class ReplacementWatch {
    private let history: MatrixHistory
    private(set) var replacement: String?

    init(_ history: MatrixHistory) { self.history = history }

    func applied(_ slot: Slot, _ proposal: [UInt8], at replica: MatrixReplica) {
        guard replacement == nil, slot <= history.lastSlot, proposal != history.proposals[slot] else { return }
        let (found, expected) = (proposal.count, history.proposals[slot]?.count ?? 0)
        replacement =
            "\(replica.name) applies \(found) bytes in slot \(slot.rawValue), where \(expected) other ones were"
    }
}
