import Consensus
import CoreTypes
import PosixIO
import ReplicaEngine
import SystemPackage
import ZnodeTree
import ZooKeeperWire

/// One replica of a world: its disk, clocks and connections, and the engine while its process lives.
///
/// It is what the engine talks to: link, gateway and observer.
final class SimulatedReplica {
    let place: Int
    /// As of its present directory.
    var identity: ReplicaIdentity
    /// As of its first one.
    let founder: ReplicaIdentity
    /// Its directory was lost, and it does not vote again yet.
    var isWiped = false
    /// Who it was when it voted last before that.
    var former: ReplicaIdentity?
    var id: ReplicaID { identity.replica }
    unowned let world: World
    /// Kept from process to process, but for what is to happen to the next calls.
    private(set) var disk = MemoryFileSystem()
    /// What its log cannot tell any more, as far as the world knows.
    var losses: [Loss] = []
    /// The store's disk: a checkpoint is durable when it is written.
    var base = ModelZnodeBase()
    var clock: SimulatedClock
    let face = ClockFace()
    /// Nil while the process is dead.
    var engine: ReplicaEngine?
    /// Counts the starts; events of an earlier life mean nothing.
    var life = 0
    var isPaused = false
    /// Counts the pauses.
    var pause = 0
    /// What would have happened while it was paused, in order.
    var held: [WorldEvent] = []
    var heldFrames: [NetworkEvent] = []
    var isTurnEndDue = false
    var isWriteDue = false
    var isCompletionDue = false
    /// The last durable write ended then.
    var lastWriteAt = SimulatedTime.zero
    var isDiskSlow = false
    /// There is hardly any room.
    var isDiskFull = false
    var hasUnreadableBlocks = false
    /// Writes of the log fail, or will soon, as long as this process lives.
    var isDiskFailing = false
    /// It loses its power in its next durable write.
    var isDoomed = false
    /// Those that are not closed.
    var connections: [SimulatedConnection] = []
    /// Attachments of connections that are gone, until the turn ends.
    var detaching: [AttachmentID] = []
    /// What it was when the world last looked.
    var knownRole = ""
    /// Its first answer to a question for the read index, for a bug that gives no other.
    var readIndex: Slot?
    /// An earlier state of its disk, for a bug that brings it back.
    var stale: (image: DiskImage, base: ModelZnodeBase)?

    init(place: Int, identity: ReplicaIdentity, clock: SimulatedClock, world: World) {
        self.place = place
        self.identity = identity
        founder = identity
        self.clock = clock
        self.world = world
        try? disk.createDirectory("/data")
    }

    /// The disk as the next process finds it.
    func replaceDisk(_ image: DiskImage) {
        disk = MemoryFileSystem(image: image)
        isDiskFailing = false
        if isDiskFull { limitDisk() }
    }

    /// Lets hardly anything more be written.
    func limitDisk() {
        let free = (try? disk.freeByteCount("/data")) ?? .max
        let limit: UInt64 = .max
        disk.limit(toByteCount: limit - free + 8_192)
    }

    func setClocks(_ now: SimulatedTime) {
        face.tick = clock.tick(at: now)
        face.wall = clock.wallClock(at: now)
    }

    func connection(of attachment: AttachmentID) -> SimulatedConnection? {
        connections.first { $0.attachment == attachment }
    }
}

extension SimulatedReplica: PeerLink {
    func send(_ body: RawSpan, to replica: ReplicaID) {
        world.send([UInt8](copying: body), from: self, to: replica)
    }

    func flush() {}
}

extension SimulatedReplica: ApplyObserver {
    func applied(_ slot: Slot, proposal: RawSpan, lastZxid: Zxid, output: ApplyOutput) {
        world.observe(slot, proposal: proposal, lastZxid: lastZxid, output: output, at: self)
    }
}

extension SimulatedReplica: ClientGateway {
    func commandApplied(_ result: CommandResult, body: RawSpan) {
        guard result.sequence > 0, let connection = connection(of: result.attachment) else { return }
        world.commandApplied(result, body: body, on: connection)
    }

    func sessionEvent(_ event: SessionEvent) {
        guard let connection = connection(of: event.attachment) else { return }
        world.sessionEvent(event, on: connection)
    }

    func watchFired(_ event: TreeEvent, path: RawSpan, watchers: [AttachmentID]) {
        for watcher in watchers {
            guard let connection = connection(of: watcher) else { continue }
            world.watchFired(event.type, path: path, zxid: event.zxid, on: connection)
        }
    }

    func barrierReached(_ attachment: AttachmentID, token: UInt64) {
        guard let connection = connection(of: attachment) else { return }
        world.barrierReached(token, on: connection)
    }

    func congestionChanged(_ isCongested: Bool) {}
    func servingChanged(_ isServing: Bool) {
        if isServing { return world.installed(self) }
        for connection in connections { world.close(connection) }
    }

    func batchEnded() {}

    func engineStopped(_ reason: String) {
        world.stopped(self, reason)
    }
}
