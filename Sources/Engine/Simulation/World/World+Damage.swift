import Consensus
import CoreTypes
import DurableLog
import PosixIO
import SystemPackage

/// Bytes on disks that are not what was written there.
extension World {
    private static let logPath = FilePath("/data/log")
    private static let snapshotPrefix = "/data/snapshots/"
    private static let blockByteCount = UInt64(AlignedBuffer.alignment)

    /// Damages some bytes of a replica's log, if that leaves whole copies of all that they held.
    ///
    /// Often the replica starts again soon, and finds out.
    func damageLog(of replica: SimulatedReplica, by nemesis: Nemesis) {
        guard !replica.isWiped, let map = map(of: replica.disk.image) else { return }
        if nemesis == .rot, generator.oneIn(8) {
            damageSegmentHeader(map, at: replica)
        } else {
            guard let site = drawSite(map, nemesis), let change = drawChange(site, map, nemesis) else { return }
            guard grant(site, change, to: replica) else {
                counters.damageDenied += 1
                return
            }
            replica.disk.change(change)
            if nemesis == .unreadable { replica.hasUnreadableBlocks = true }
            count(nemesis)
        }
        if generator.oneIn(2) { crashAndRestart(replica) }
    }

    private func map(of image: DiskImage) -> LogMap? {
        try? LogMap(fileSystem: MemoryFileSystem(image: image), directory: Self.logPath)
    }

    private func count(_ nemesis: Nemesis) {
        switch nemesis {
        case .misdirect: counters.misdirectedWrites += 1
        case .unreadable: counters.unreadableBlocks += 1
        default: counters.flips += 1
        }
    }

    /// Some bits of a snapshot flip. Another one can be taken, so that all may be damaged.
    func damageSnapshot(of replica: SimulatedReplica) {
        let image = replica.disk.image
        let paths = image.paths.filter { $0.string.hasPrefix(Self.snapshotPrefix) }
        guard !paths.isEmpty else { return }
        let path = paths[generator.index(paths.count)]
        guard let byteCount = image.byteCount(of: path), byteCount > 0 else { return }
        let flips = drawFlips(0..<byteCount)
        replica.disk.change { image in
            for flip in flips { image.damage(path, at: flip.offset, flipping: flip.mask) }
        }
        counters.snapshotsDamaged += 1
    }

    // MARK: What is hit

    /// One of the two copies, if both are whole: nothing else says whose segment it is.
    private func damageSegmentHeader(_ map: LogMap, at replica: SimulatedReplica) {
        let whole = map.segments.filter(\.isHeaderWhole)
        guard !whole.isEmpty else { return }
        let segment = whole[generator.index(whole.count)]
        let start = generator.oneIn(2) ? 0 : segment.byteCount - Self.blockByteCount
        for flip in drawFlips(start..<(start + 64)) {
            replica.disk.change { $0.damage(segment.path, at: flip.offset, flipping: flip.mask) }
        }
        counters.segmentHeadersDamaged += 1
    }

    /// A place in a group, mostly in one of the last.
    private func drawSite(_ map: LogMap, _ nemesis: Nemesis) -> LogDamageSite? {
        let count = map.groups.count
        let window = generator.oneIn(2) ? min(count, 12) : count
        guard window > 0 else { return nil }
        let index = count - window + generator.index(window)
        let group = map.groups[index]
        guard !group.isFirst, var bytes = drawBytes(group) else { return nil }
        if nemesis != .rot {
            let start = bytes.lowerBound / Self.blockByteCount * Self.blockByteCount
            bytes = start..<(start + Self.blockByteCount)
        }
        // Nobody could tell the last group from one that was never finished.
        if bytes.overlaps(group.header) || nemesis == .unreadable, index + 1 == count { return nil }
        return LogDamageSite(group.path, bytes, in: map)
    }

    private func drawBytes(_ group: LogMap.Group) -> Range<UInt64>? {
        switch generator.index(4) {
        case 0: return group.header
        case 1: return group.table.isEmpty ? nil : group.table
        default:
            let bytes = group.records.isEmpty ? 0..<0 : group.records[generator.index(group.records.count)].bytes
            return bytes.isEmpty ? nil : bytes
        }
    }

    private func drawChange(
        _ site: LogDamageSite, _ map: LogMap, _ nemesis: Nemesis
    ) -> ((inout DiskImage) -> Void)? {
        let (path, start) = (site.path, site.bytes.lowerBound)
        switch nemesis {
        case .unreadable: return { $0.makeUnreadable(path, at: start) }
        case .misdirect:
            let other = map.groups[generator.index(map.groups.count)]
            let blockCount = Int(UInt64(other.bytes.count) / Self.blockByteCount)
            let source = other.bytes.lowerBound + UInt64(generator.index(blockCount)) * Self.blockByteCount
            guard source != start || other.path != path else { return nil }
            return { $0.misdirect(other.path, at: source, to: path, at: start) }
        default:
            let flips = drawFlips(site.bytes)
            return { image in
                for flip in flips { image.damage(path, at: flip.offset, flipping: flip.mask) }
            }
        }
    }

    /// Bits to flip in one to four of these bytes.
    private func drawFlips(_ bytes: Range<UInt64>) -> [(offset: UInt64, mask: UInt8)] {
        (0...generator.index(4)).map { _ in
            let offset = bytes.lowerBound + generator.next() % UInt64(bytes.count)
            return (offset, UInt8(1 + generator.next() % 255))
        }
    }

    // MARK: What may be hit

    /// Asks the atlas for all that the bytes held, and for what the log will not be sure of without them.
    private func grant(
        _ site: LogDamageSite, _ change: (inout DiskImage) -> Void, to replica: SimulatedReplica
    ) -> Bool {
        var image = replica.disk.image
        guard let before = inspect(image) else { return false }
        change(&image)
        guard let after = inspect(image), !after.mayMissRecords else { return false }
        var losses = site.losses
        for entry in after.accepted where entry.state != .whole {
            let known = before.accepted.first { $0.slot == entry.slot }
            guard known?.state ?? .whole == .whole else { continue }
            losses.append(Loss(slot: entry.slot, ballot: entry.ballot, segment: site.path))
        }
        return grant(losses, to: replica)
    }

    private func inspect(_ image: DiskImage) -> RecoveredLog? {
        try? DurableLog.inspect(
            fileSystem: MemoryFileSystem(image: image), directory: Self.logPath, policy: .cluster,
            firstSlotNeeded: Slot(rawValue: 1))
    }

    /// Asks the atlas, and again when it knows what was repaired meanwhile.
    private func grant(_ losses: [Loss], to replica: SimulatedReplica) -> Bool {
        if !grantAtOnce(losses, to: replica) {
            reviewLosses()
            guard grantAtOnce(losses, to: replica) else { return false }
        }
        for loss in losses where !replica.losses.contains(loss) { replica.losses.append(loss) }
        return true
    }

    /// All or nothing.
    private func grantAtOnce(_ losses: [Loss], to replica: SimulatedReplica) -> Bool {
        var trial = atlas
        for loss in losses {
            let slot = SlotRange(first: loss.slot, last: loss.slot)
            guard (try? trial.grant(.log(slot), to: replica.id)) != nil else { return false }
        }
        atlas = trial
        return true
    }

    // MARK: What is whole again

    /// Looks at all disks for what is whole again: what was accepted or learned once more, and what went with its file.
    func reviewLosses() {
        for replica in replicas where !replica.losses.isEmpty { reviewLosses(of: replica) }
    }

    private func reviewLosses(of replica: SimulatedReplica) {
        let image = replica.disk.image
        guard let found = inspect(image) else { return }
        let (files, losses) = (image.paths, replica.losses)
        replica.losses.removeAll()
        for loss in losses {
            let entry = found.accepted.first { $0.slot == loss.slot }
            let isWhole = entry.map { $0.state == .whole && ($0.isChosen || $0.ballot >= loss.ballot) } ?? false
            if isWhole { counters.slotsRepaired += 1 }
            if !isWhole, files.contains(loss.segment) { replica.losses.append(loss) }
        }
        for loss in losses where !replica.losses.contains(where: { $0.slot == loss.slot }) {
            atlas.repaired(SlotRange(first: loss.slot, last: loss.slot), at: replica.id)
        }
    }

    /// A bug: the last groups of a log are gone, or all of its last segment.
    func forgetGroups(of replica: SimulatedReplica, count: Int) {
        guard let map = map(of: replica.disk.image), let last = map.groups.last else { return }
        let groups = map.groups.filter { $0.path == last.path && !$0.isFirst }.suffix(count)
        for group in groups {
            replica.disk.change { $0.damage(group.path, at: group.header.lowerBound, flipping: 0xFF) }
        }
    }

    // MARK: Torn writes

    /// Whether a replica may come back to a disk on which a write may be torn, or lost after a sync that failed: what that
    /// held counts as damaged, although it was never acknowledged before, for the replica cannot know.
    func mayTear(_ image: DiskImage, at replica: SimulatedReplica) -> Bool {
        guard replica.place < options.voterCount, let map = map(of: image), let last = map.segments.last,
            let found = inspect(image)
        else { return true }
        var losses = map.losses.filter { !replica.losses.contains($0) }
        for entry in found.accepted where entry.state != .whole {
            if replica.losses.contains(where: { $0.slot == entry.slot && $0.ballot >= entry.ballot }) { continue }
            losses.append(Loss(slot: entry.slot, ballot: entry.ballot, segment: last.path))
        }
        if !found.mayMissRecords, grant(losses, to: replica) { return true }
        counters.tearsDenied += 1
        return false
    }
}
