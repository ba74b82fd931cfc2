import Consensus
import CoreTypes

extension Simulation {
    /// What may go wrong in one millisecond.
    mutating func injectFaults() {
        if isTime(options.crashPeriod) { crashSomeone() }
        if isTime(options.partitionPeriod) { partition() }
        if isTime(options.isolationPeriod) { isolateOneWay() }
        if isTime(options.slowApplyPeriod) { changeApply() }
        if isTime(options.checkpointPeriod) { checkpointSomeone() }
        if isTime(options.diskFailurePeriod) { failDisk() }
        if isTime(options.damagePeriod) { damage() }
        if isTime(options.wipePeriod) { wipeVictim() }
        if isTime(options.transferPeriod) { transfer() }
        if isTime(options.campaignPeriod) { campaign() }
    }

    private mutating func anyone() -> Int { Int(draw(UInt64(nodes.count))) }

    private mutating func crashSomeone() {
        let index = anyone()
        guard nodes[index].isUp else { return }
        crash(index, surviving: Int(draw(UInt64(nodes[index].pending.count + 1))))
        restartLater(index, after: draw(draw(3) == 0 ? 1_200 : 60))
    }

    private mutating func campaign() {
        let index = anyone()
        guard nodes[index].isUp else { return }
        counts.campaigns += 1
        nodes[index].step(.campaign)
        collect(index)
    }

    private mutating func partition() {
        counts.partitions += 1
        let sides = nodes.map { _ in draw(2) }
        let isHealing = draw(2) == 0
        for sender in nodes.indices {
            for receiver in nodes.indices {
                isBlocked[sender][receiver] = !isHealing && sides[sender] != sides[receiver]
            }
        }
    }

    private mutating func isolateOneWay() {
        let (index, isSender, isOn) = (anyone(), draw(2) == 0, draw(2) == 0)
        for other in nodes.indices where other != index {
            if isSender { isBlocked[index][other] = isOn } else { isBlocked[other][index] = isOn }
        }
    }

    private mutating func changeApply() {
        let index = anyone()
        guard let core = nodes[index].core else { return }
        nodes[index].applyLimit = nodes[index].applyLimit == nil ? core.chosenThrough : nil
        nodes[index].applyChosen()
        collect(index)
    }

    private mutating func checkpointSomeone() {
        let index = anyone()
        nodes[index].checkpoint(tail: Int(draw(12)))
        collect(index)
    }

    private mutating func failDisk() {
        let index = anyone()
        guard nodes[index].isUp else { return }
        counts.diskFailures += 1
        nodes[index].step(.storageFailed)
        collect(index)
        crashLater(index)
    }

    /// A replica whose disk failed is restarted in the end.
    private mutating func crashLater(_ index: Int) {
        guard draw(2) == 0 else { return }
        crash(index, surviving: 0)
        restartLater(index, after: draw(500))
    }

    /// Damages a record of the victim's disk, which it sees when it starts next.
    private mutating func damage() {
        let index = Int(options.victim) - 1
        let records = nodes[index].disk.records
        let candidates = records.indices.filter {
            if case .accept = records[$0].record { return records[$0].damage == .none }
            return false
        }
        guard !candidates.isEmpty else { return }
        if nodes[index].isUp { crash(index, surviving: nodes[index].pending.count) }
        for _ in 0...draw(3) {
            // Late records matter most.
            let back = Int(draw(UInt64(draw(2) == 0 ? candidates.count : min(4, candidates.count))))
            nodes[index].disk.records[candidates[candidates.count - 1 - back]].damage =
                draw(4) == 0 ? .header : .bytes
            counts.damages += 1
        }
        restartLater(index, after: draw(100))
    }

    private mutating func wipeVictim() {
        let index = Int(options.victim) - 1
        if nodes[index].isUp { crash(index, surviving: 0) }
        wipe(index)
        restartLater(index, after: draw(300))
    }

    private mutating func transfer() {
        guard let index = nodes.indices.first(where: { nodes[$0].core?.isLeader == true }) else { return }
        counts.transfers += 1
        let target = draw(2) == 0 ? ReplicaID.none : nodes[anyone()].replica
        nodes[index].step(.transferLeadership(target))
        collect(index)
    }
}
