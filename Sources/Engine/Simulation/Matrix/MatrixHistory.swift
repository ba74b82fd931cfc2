import CoreTypes
import DurableLog
import PosixIO
import ReplicaEngine
import SystemPackage
import ZnodeTree

/// What a cluster wrote before its processes died: three disks, and what was acknowledged.
///
/// It is made once and damaged thousands of times: disks are values.
struct MatrixHistory {
    struct Disk {
        var image: DiskImage
        var base: ModelZnodeBase
        /// The groups of the log.
        var groups: [LogMap.Group]
        /// What the store's checkpoint holds.
        var checkpointSlot: Slot
    }

    /// An acknowledged write.
    struct Entry {
        var path: String
        var data: [UInt8]
        var slot: Slot
    }

    private(set) var disks: [Disk] = []
    private(set) var entries: [Entry] = []
    /// What every slot holds.
    private(set) var proposals: [Slot: [UInt8]] = [:]
    let endTick: Tick

    /// The last slot that was acknowledged.
    var lastSlot: Slot { entries.last?.slot ?? .none }

    /// Lets a cluster live.
    init(_ plan: MatrixHistoryPlan) {
        let cluster = MatrixCluster(plan)
        let applied = AppliedProposals()
        for replica in cluster.replicas {
            replica.onApply = { applied.bySlot[$0] = $1 }
            replica.start()
        }
        var entries: [Entry] = []
        for number in 1...plan.entryCount {
            if number == plan.entryCount - plan.missedCount + 1, let place = plan.laggingPlace {
                cluster.isolated = cluster.replicas[place].id
            }
            entries.append(Self.write(number, plan, cluster))
        }
        if plan.isMarked { for replica in cluster.replicas { _ = replica.engine?.stepLogMark() } }
        endTick = cluster.now
        self.entries = entries
        proposals = applied.bySlot
        disks = cluster.replicas.map { Self.disk(of: $0) }
    }

    private static func write(_ number: Int, _ plan: MatrixHistoryPlan, _ cluster: MatrixCluster) -> Entry {
        let path = "/entry-\(number)"
        let data = Array("value \(number)".utf8)
        cluster.wait(milliseconds: 60_000) { cluster.leader != nil }
        guard let leader = cluster.leader, cluster.write(path, data, at: leader, milliseconds: 60_000),
            let slot = leader.engine?.appliedSlot
        else { invariantBroken("a healthy cluster does not write", #fileID, #line) }
        return Entry(path: path, data: data, slot: slot)
    }

    private static func disk(of replica: MatrixReplica) -> Disk {
        let checkpointSlot = replica.engine?.status.checkpointSlot ?? .none
        replica.stop()
        let image = replica.disk.image.crashed { _ in .lost }
        let groups: [LogMap.Group]
        do throws(LogError) {
            groups = try LogMap(fileSystem: MemoryFileSystem(image: image), directory: "/data/log").groups
        } catch {
            invariantBroken("the log of a healthy replica cannot be read: \(error)", #fileID, #line)
        }
        return Disk(image: image, base: replica.base, groups: groups, checkpointSlot: checkpointSlot)
    }
}

/// What the replicas of a cluster apply.
private final class AppliedProposals {
    var bySlot: [Slot: [UInt8]] = [:]
}
