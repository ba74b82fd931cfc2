import CoreTypes
import DurableLog
import PosixIO
import SystemPackage

/// Disks that are full or fail, and processes that end because of it.
extension World {
    // MARK: Full

    /// There is hardly any room left on a disk, for a while.
    func fillDisk(_ replica: SimulatedReplica) {
        guard !replica.isDiskFull else { return }
        counters.fullDisks += 1
        replica.isDiskFull = true
        replica.limitDisk()
        schedule(.diskHasRoom(replica.place), after: 50_000 + generator.next() % 4_000_000)
    }

    func giveRoom(_ replica: SimulatedReplica) {
        replica.isDiskFull = false
        replica.disk.limit(toByteCount: .max)
    }

    // MARK: Unreadable

    /// A log refuses to start where the block in which its next group might stand cannot be read, as in a segment that was
    /// recycled with a bad block in it. Somebody copies the disk to a good one.
    func copyDisk(of replica: SimulatedReplica) {
        counters.refusedStarts += 1
        replica.hasUnreadableBlocks = false
        var image = replica.disk.image
        image.makeReadable()
        replica.replaceDisk(image)
        schedule(.restart(replica.place), after: 1_000 + generator.next() % 500_000)
    }

    // MARK: Failing

    /// One of the next writes or syncs of a log fails, and all after it: for the life of the process the disk is lost.
    func failDisk(_ replica: SimulatedReplica) {
        guard replica.engine != nil, !replica.isDiskFailing else { return }
        counters.diskFailures += 1
        replica.isDiskFailing = true
        let isSync = plan.syncMode == .syncCall && generator.oneIn(2)
        replica.disk.inject(
            FaultInjection(
                isSync ? .sync : .write, ordinal: 1 + generator.index(3), errno: .ioError, isPersistent: true,
                pathPart: "/log/log-", shortByteCount: generator.index(3) * 4_096))
    }

    /// An engine takes part no more. It may where its disk failed, or does not give what was written.
    func stopped(_ replica: SimulatedReplica, _ reason: String) {
        let mayStop =
            replica.isDiskFailing && reason.contains("the log failed")
            || !replica.losses.isEmpty && reason.contains("cannot be read")
        guard mayStop else {
            return fail(.safety, "replica \(replica.id.rawValue) stopped: \(reason)")
        }
        counters.stops += 1
        for connection in replica.connections { close(connection) }
        schedule(.exit(replica.place, life: replica.life), after: 1 + generator.next() % 500_000)
    }

    /// The process of an engine that stopped ends, with its machine or alone: then the system still has what it wrote.
    func exit(_ replica: SimulatedReplica) {
        guard let engine = replica.engine else { return }
        if generator.oneIn(2) { return crashAndRestart(replica) }
        leave(replica, engine)
        schedule(.restart(replica.place), after: 1_000 + generator.next() % 500_000)
    }
}
