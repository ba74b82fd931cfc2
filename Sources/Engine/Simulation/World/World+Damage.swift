import Consensus
import CoreTypes
import DurableLog
import PosixIO
import SystemPackage

/// Bytes on disks that are not what was written there.
extension World {
    private static let logPath = FilePath("/data/log")

    /// Damages some bytes of a replica's log, if that leaves whole copies of all that they held.
    ///
    /// Often the replica starts again soon, and finds out.
    func damageLog(of replica: SimulatedReplica, by nemesis: Nemesis) {
        guard !replica.isWiped, let map = map(of: replica.disk) else { return }
        if nemesis == .rot, generator.oneIn(8) {
            damageSegmentHeader(map, at: replica)
        } else {
            guard let site = drawSite(map, nemesis) else { return }
            guard grant(site, to: replica) else {
                counters.damageDenied += 1
                return
            }
            strike(site, map, nemesis, at: replica)
        }
        if generator.oneIn(2) { crashAndRestart(replica) }
    }

    private func map(of disk: MemoryFileSystem) -> LogMap? { try? LogMap(fileSystem: disk, directory: Self.logPath) }

    // MARK: What is hit

    /// One of the two copies, if both are whole: nothing else says whose segment it is.
    private func damageSegmentHeader(_ map: LogMap, at replica: SimulatedReplica) {
        let whole = map.segments.filter(\.isHeaderWhole)
        guard !whole.isEmpty else { return }
        let segment = whole[generator.index(whole.count)]
        let start = generator.oneIn(2) ? 0 : segment.byteCount - 4_096
        flip(start..<(start + 64), of: segment.path, at: replica)
        counters.segmentHeadersDamaged += 1
    }

    /// A place in a group, mostly in one of the last.
    private func drawSite(_ map: LogMap, _ nemesis: Nemesis) -> LogDamageSite? {
        let count = map.groups.count
        let window = generator.oneIn(2) ? min(count, 12) : count
        guard window > 0 else { return nil }
        let index = count - window + generator.index(window)
        let group = map.groups[index]
        guard !group.isFirst, let bytes = drawBytes(group, nemesis) else { return nil }
        if bytes.overlaps(group.header), !map.mayLoseHeader(at: index) { return nil }
        return LogDamageSite(group.path, bytes, in: map)
    }

    private func drawBytes(_ group: LogMap.Group, _ nemesis: Nemesis) -> Range<UInt64>? {
        switch generator.index(4) {
        case 0: return group.header
        case 1: return group.table.isEmpty ? nil : group.table
        default: return group.records.isEmpty ? nil : group.records[generator.index(group.records.count)].bytes
        }
    }

    private func strike(
        _ site: LogDamageSite, _ map: LogMap, _ nemesis: Nemesis, at replica: SimulatedReplica
    ) {
        flip(site.bytes, of: site.path, at: replica)
        counters.bytesFlipped += 1
    }

    /// Flips some bits in some of these bytes.
    private func flip(_ bytes: Range<UInt64>, of path: FilePath, at replica: SimulatedReplica) {
        guard !bytes.isEmpty else { return }
        for _ in 0...generator.index(3) {
            let offset = bytes.lowerBound + generator.next() % UInt64(bytes.count)
            let mask = UInt8(1 + generator.next() % 255)
            replica.disk.change { $0.damage(path, at: offset, flipping: mask) }
        }
    }

    // MARK: What may be hit

    /// Asks the atlas, and again when it knows what was repaired meanwhile.
    private func grant(_ site: LogDamageSite, to replica: SimulatedReplica) -> Bool {
        guard let slots = site.slots else { return true }
        if (try? atlas.grant(.log(slots), to: replica.id)) == nil {
            reviewLosses()
            guard (try? atlas.grant(.log(slots), to: replica.id)) != nil else { return false }
        }
        replica.losses.append(contentsOf: site.losses)
        return true
    }

    /// Looks at all disks for what is whole again: what was accepted or learned once more, and what went with its file.
    func reviewLosses() {
        for replica in replicas where !replica.losses.isEmpty { reviewLosses(of: replica) }
    }

    private func reviewLosses(of replica: SimulatedReplica) {
        let disk = MemoryFileSystem(image: replica.disk.image)
        guard
            let found = try? DurableLog.inspect(
                fileSystem: disk, directory: Self.logPath, policy: .cluster, firstSlotNeeded: Slot(rawValue: 1)),
            let files = try? disk.list(Self.logPath)
        else { return }
        let isLeft = replica.losses.map { loss in
            guard let name = loss.segment.lastComponent?.string, files.contains(name) else { return false }
            guard let entry = found.accepted.first(where: { $0.slot == loss.slot }) else { return true }
            let isWhole = entry.state == .whole && (entry.isChosen || entry.ballot >= loss.ballot)
            if isWhole { counters.slotsRepaired += 1 }
            return !isWhole
        }
        let repaired = zip(replica.losses, isLeft).filter { !$0.1 }.map(\.0.slot)
        replica.losses = zip(replica.losses, isLeft).filter(\.1).map(\.0)
        for slot in repaired where !replica.losses.contains(where: { $0.slot == slot }) {
            atlas.repaired(SlotRange(first: slot, last: slot), at: replica.id)
        }
    }

    // MARK: Torn writes

    /// Whether a replica may come back to a disk on which a write was torn: what that held counts as damaged, although
    /// it was never acknowledged, for the replica cannot know.
    func mayTear(_ image: DiskImage, at replica: SimulatedReplica) -> Bool {
        guard replica.place < options.voterCount, let map = map(of: MemoryFileSystem(image: image)) else { return true }
        let losses = map.losses.filter { !replica.losses.contains($0) }
        guard let first = losses.map(\.slot).min(), let last = losses.map(\.slot).max() else { return true }
        reviewLosses()
        guard (try? atlas.grant(.log(SlotRange(first: first, last: last)), to: replica.id)) != nil else { return false }
        replica.losses.append(contentsOf: losses)
        return true
    }
}
