internal import Consensus
internal import CoreTypes
internal import DurableLog
internal import PeerWire
internal import PosixIO
internal import SnapshotFile
internal import ZnodeTree
internal import ZooKeeperWire

/// A replica that is too far behind for values takes a snapshot of a peer in place of its store. The article
/// *Installation* has the order of the steps and why a crash between any two of them loses nothing.
extension ReplicaEngine {
    /// A snapshot is on its way: this replica serves no clients.
    package var isInstalling: Bool { peers?.installation != nil }

    // MARK: Need

    /// A peer has no more values of what is missing here. One peer's word is not enough while another may have them.
    func noteSnapshotNeed(_ need: SnapshotNeed) {
        guard let peers, peers.installation == nil else { return }
        counters.snapshotNeeds += 1
        if peers.needSlot != appliedSlot {
            peers.needSlot = appliedSlot
            peers.needCount = 0
        }
        peers.needCount += 1
        guard peers.needCount >= PeerTraffic.needCountMin else { return }
        beginInstallation(from: need.peer)
    }

    /// The store is damaged, or differs from that of the other replicas: it is replaced by a snapshot of one of them. Alone,
    /// and where the log has not the last word, the engine stops.
    ///
    /// - Parameter reason: for the operator.
    package func storeFailed(_ reason: String) {
        guard stopReason == nil else { return }
        guard let peers, let donor = nextPeer(after: peers.target) else { return stop(reason) }
        guard peers.installation?.isRepair != true else { return }
        counters.maintenanceTrouble = "\(reason); it is replaced by a snapshot of another replica"
        counters.storeRepairs += 1
        if consensus.isLeader { transferLeadership() }
        beginInstallation(from: peers.target == .none || consensus.isLeader ? donor : peers.target, isRepair: true)
    }

    private func beginInstallation(from donor: ReplicaID, isRepair: Bool = false) {
        guard let peers else { return }
        let installation = Installation(from: donor, isRepair: isRepair, now: now)
        peers.installation = installation
        scrub?.cancel()
        for gateway in gateways { gateway.servingChanged(false) }
        ask(installation)
    }

    /// The values came after all, or it is done.
    private func endInstallation() {
        peers?.installation = nil
        for gateway in gateways { gateway.servingChanged(true) }
    }

    // MARK: Receiving

    private func ask(_ installation: Installation) {
        guard let peers else { return }
        let (scratch, empty) = (peers.scratch, peers.empty)
        scratch.removeAll()
        PeerWire.append(
            .fetchSnapshot(after: lastUselessSlot(installation), installation.name, offset: installation.offset),
            payload: empty.bytes, to: scratch)
        peers.link?.send(scratch.bytes, to: installation.donor)
        installation.deadline = now.adding(milliseconds: Installation.pieceMilliseconds)
    }

    /// A snapshot of this slot does not serve.
    private func lastUselessSlot(_ installation: Installation) -> Slot {
        installation.isRepair && appliedSlot > .none ? appliedSlot.previous : appliedSlot
    }

    func takePiece(_ name: SnapshotName, _ offset: UInt64, _ bytes: RawSpan, from donor: ReplicaID) {
        guard let installation = peers?.installation, installation.phase == .receiving, installation.donor == donor
        else {
            return
        }
        guard name != .none else {
            installation.deadline = now.adding(milliseconds: Installation.refusalMilliseconds)
            return
        }
        if installation.name == .none, name.slot > lastUselessSlot(installation), offset == 0 {
            installation.name = name
        }
        guard name == installation.name, offset == installation.offset, bytes.byteCount > 0,
            UInt64(bytes.byteCount) <= name.byteCount - offset
        else { return }
        installation.offset += UInt64(bytes.byteCount)
        installation.repetitionCount = 0
        counters.installedByteCount += UInt64(bytes.byteCount)
        let copy = [UInt8](copying: bytes)
        let isLast = installation.offset == name.byteCount
        installation.phase = isLast ? .preparing : .receiving
        let (incoming, store) = (incoming, store)
        let job: @Sendable () -> MaintenanceOutcome = {
            do throws(MaintenanceFailure) {
                try incoming.write(copy, of: name, at: offset)
                guard isLast else { return .pieceWritten(nil) }
                return .prepared(try store.prepare(from: try incoming.finish(name)))
            } catch {
                return .pieceWritten(error)
            }
        }
        transferring.perform(job) { .pieceWritten(MaintenanceFailure("the store was closed before it")) }
        // The next piece is on its way while this one is written.
        if !isLast { ask(installation) }
    }

    /// What became of a piece, or of the store made of all of them.
    func installationFailed(_ failure: MaintenanceFailure) {
        guard let installation = peers?.installation else { return }
        counters.failedInstallations += 1
        counters.maintenanceTrouble = failure.message
        turnToNextDonor(installation, after: Installation.retryMilliseconds)
    }

    private func turnToNextDonor(_ installation: Installation, after milliseconds: UInt64) {
        let next = nextPeer(after: installation.donor) ?? installation.donor
        installation.restart(from: next, at: now.adding(milliseconds: milliseconds))
    }

    private func nextPeer(after replica: ReplicaID) -> ReplicaID? {
        let members = consensus.memberships.last?.membership.members.map(\.identity.replica) ?? []
        let others = members.filter { $0 != options.replica }
        return others.first { $0 > replica } ?? others.first
    }

    /// Asks again what was not answered.
    func installationTick() {
        guard let installation = peers?.installation, installation.phase == .receiving else { return }
        if !installation.isRepair, !isBehind { return endInstallation() }
        guard now >= installation.deadline else { return }
        installation.repetitionCount += 1
        if installation.repetitionCount > Installation.repetitionCountMax {
            turnToNextDonor(installation, after: 0)
        }
        ask(installation)
    }

    /// Whether slots are missing here that a snapshot would bring; they may have come from a peer's log meanwhile.
    private var isBehind: Bool {
        guard let peers else { return false }
        return appliedSlot == peers.needSlot
    }

    // MARK: Switching

    /// The new store is durable beside the old one: the log is told.
    func storeIsPrepared(_ prepared: PreparedStore) {
        guard let peers, let installation = peers.installation, installation.phase == .preparing else { return }
        guard prepared.slot > lastUselessSlot(installation) else { return endInstallation() }
        do throws(LogRefusal) {
            let sequence = try log.append(base: LogBase(slot: prepared.slot, description: []))
            log.submit()
            installation.phase = .recording(prepared, sequence)
        } catch {
            installationFailed(MaintenanceFailure("the snapshot's record cannot be written"))
        }
    }

    /// Switches to the new store once the log's record is durable and nobody works on the old one.
    func switchIfRecorded() {
        guard let installation = peers?.installation, case .recording(let prepared, let sequence) = installation.phase,
            log.durableSequence >= sequence, !checkpoints.isRunning, !checkpoints.isSnapshotRunning, scrub == nil
        else { return }
        do {
            try shared.replace { old in
                old.close()
                try store.switchToPrepared()
                return try ZnodeTree(base: store)
            }
        } catch {
            return stop("the store could not be exchanged for the snapshot of a peer: \(error); start it again")
        }
        begin(at: prepared.slot)
        counters.installations += 1
        counters.lastInstallationMilliseconds = now.rawValue - installation.beginTick.rawValue
        endInstallation()
    }

    /// Everything up to the snapshot's slot comes from it; whatever was under way here has no one who waits for it.
    private func begin(at slot: Slot) {
        guard let peers else { return }
        appliedSequence = .none
        let (replica, time) = (options.replica, lastStamp)
        let memberships: [ScheduledMembership]? = shared.withLock { tree in
            invariant(tree.appliedSlot == slot, "another snapshot was installed than was recorded")
            appliedZxid = tree.lastZxid
            lastStamp = max(time, tree.lastTime)
            nextSessionNumber = max(nextSessionNumber, tree.highestSessions[replica.rawValue].rawValue + 1)
            adoptMembership(of: tree)
            return scheduledMemberships(of: tree)
        }
        guard let memberships else { return stop(MembershipSchedule.unreadable(in: "\(directory.path)")) }
        appliedSlot = slot
        chosenSlot = max(chosenSlot, slot)
        reportedDamage = nil
        pending.skip(through: slot)
        forgetClients(peers)
        checkpoints.installed(slot: slot, now: now)
        checkpoints.noteStore(byteCount: store.byteCount)
        effects.removeAll()
        consensus.installed(through: slot, memberships, into: &effects)
        interpretEffects()
        _ = try? log.append(chosenThrough: slot)
        retainLog()
    }

    /// Clients were sent away when the installation began.
    private func forgetClients(_ peers: PeerTraffic) {
        barriers.removeAll()
        watches = WatchTable()
        waiting.removeAll()
        current = ProposalBatch()
        pendingByteCount = 0
        peers.forgetClients()
        noteCongestion()
    }

    // MARK: Giving

    /// A peer wants a piece of a snapshot of this replica.
    func offerPiece(_ request: SnapshotOffers.Request) {
        let offers = offers
        transferring.perform({ .offered(offers.piece(request), request) }) { .offered(nil, request) }
    }

    func sendPiece(_ piece: (name: SnapshotName, bytes: [UInt8])?, _ request: SnapshotOffers.Request) {
        guard let peers, let link = peers.link else { return }
        let scratch = peers.scratch
        scratch.removeAll()
        let bytes = piece?.bytes ?? []
        unsafe PeerWire.append(
            .snapshotPiece(piece?.name ?? .none, offset: piece == nil ? 0 : request.offset), payload: bytes.span.bytes,
            to: scratch)
        link.send(scratch.bytes, to: request.receiver)
        guard let piece else { return takeSnapshotForPeers() }
        counters.sentSnapshotByteCount += UInt64(piece.bytes.count)
    }

    /// A peer needs a snapshot, and there is none: one is taken, for when it asks again.
    private func takeSnapshotForPeers() {
        guard !isInstalling, !checkpoints.isSnapshotRunning, stopReason == nil,
            !snapshotRequests.contains(where: \.isOwn)
        else { return }
        snapshotRequests.append(SnapshotRequest(path: nil, slot: appliedSlot, isOwn: true) { _ in })
        if checkpoints.checkpointSlot < appliedSlot { checkpoints.isRequested = true }
        scheduleMaintenance()
    }
}
