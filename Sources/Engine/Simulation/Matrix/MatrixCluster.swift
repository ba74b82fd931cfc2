import Consensus
import CoreTypes
import PosixIO
import ReplicaEngine
import ZnodeTree

/// Three engines on one thread, and a network that delivers everything at once.
///
/// The corruption matrix needs no more, and runs tens of thousands of clusters. What goes wrong on the way is the
/// business of `World`.
final class MatrixCluster {
    let replicas: [MatrixReplica]
    private(set) var now: Tick
    /// Messages to and from it are lost.
    var isolated: ReplicaID?

    static let tickMilliseconds: UInt64 = 20
    static let replicaCount = 3

    /// Three empty disks.
    convenience init(_ plan: MatrixHistoryPlan) {
        self.init(at: Tick(rawValue: 1_000_000))
        for replica in replicas { replica.recyclesLog = plan.recyclesLog }
    }

    /// The disks of a history, in the state in which its processes died.
    convenience init(_ history: MatrixHistory) {
        self.init(at: history.endTick.adding(milliseconds: 10_000))
        for (replica, disk) in zip(replicas, history.disks) {
            replica.disk = MemoryFileSystem(image: disk.image)
            replica.base = disk.base.copy()
        }
    }

    private init(at now: Tick) {
        self.now = now
        let members = (1...Self.replicaCount).map { number in
            ReplicaIdentity(
                replica: ReplicaID(rawValue: UInt8(number)),
                incarnation: Incarnation(Identifier128(high: 9, low: UInt64(number))))
        }
        guard let membership = Membership(members.map { Member(identity: $0, isVoter: true) }) else {
            invariantBroken("three replicas are no cluster", #fileID, #line)
        }
        replicas = members.map { MatrixReplica($0, membership) }
        for replica in replicas { replica.tick(now) }
    }

    var leader: MatrixReplica? { replicas.first { $0.isLeading && $0.id != isolated } }

    /// Lets everything happen that needs no time to pass.
    ///
    /// - Returns: false if it never ends.
    @discardableResult
    func settle() -> Bool {
        for _ in 0..<500 {
            for replica in replicas { replica.work() }
            var isQuiet = true
            for sender in replicas {
                let sent = sender.outbox
                sender.outbox.removeAll(keepingCapacity: true)
                if !sent.isEmpty { isQuiet = false }
                for (receiver, body) in sent { deliver(body, from: sender, to: receiver) }
            }
            if isQuiet { return true }
        }
        return false
    }

    private func deliver(_ body: [UInt8], from sender: MatrixReplica, to receiver: ReplicaID) {
        if sender.id == isolated || receiver == isolated { return }
        try? unsafe replicas[Int(receiver.rawValue) - 1].engine?.receive(body.span.bytes, from: sender.identity)
    }

    /// Lets time pass until something is so.
    ///
    /// - Returns: whether it came to that.
    @discardableResult
    func wait(milliseconds: UInt64, until condition: () -> Bool) -> Bool {
        let end = now.adding(milliseconds: milliseconds)
        settle()
        while !condition() {
            if now >= end { return false }
            now = now.adding(milliseconds: Self.tickMilliseconds)
            for replica in replicas { replica.tick(now) }
            settle()
        }
        return true
    }

    func pass(milliseconds: UInt64) { wait(milliseconds: milliseconds) { false } }

    /// Opens a session at a replica and writes through it.
    func write(_ path: String, _ data: [UInt8], at replica: MatrixReplica, milliseconds: UInt64) -> Bool {
        if !replica.hasSession {
            replica.openSession()
            guard wait(milliseconds: milliseconds, until: { replica.hasSession }) else { return false }
        }
        let count = replica.answeredCount
        replica.create(path, data)
        return wait(milliseconds: milliseconds) { replica.answeredCount > count }
    }
}
