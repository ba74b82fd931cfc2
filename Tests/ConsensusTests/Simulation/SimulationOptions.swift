import Consensus
import CoreTypes

/// What one run of the simulator may do; drawn from its seed, printed when it fails.
struct SimulationOptions {
    var replicaCount = 3
    /// Of a thousand messages: lost, doubled.
    var lossPerMille: UInt64 = 0
    var doublePerMille: UInt64 = 0
    var delayMillisecondsMax: UInt64 = 5
    var diskMillisecondsMax: UInt64 = 5
    /// Milliseconds between faults of a kind, on average; 0: never.
    var crashPeriod: UInt64 = 0
    var partitionPeriod: UInt64 = 0
    var isolationPeriod: UInt64 = 0
    var slowApplyPeriod: UInt64 = 0
    var transferPeriod: UInt64 = 0
    var checkpointPeriod: UInt64 = 0
    var diskFailurePeriod: UInt64 = 0
    /// The one replica whose disk may be damaged or lost: what more would do is beyond repair.
    var victim: UInt8 = 1
    var damagePeriod: UInt64 = 0
    var wipePeriod: UInt64 = 0
    /// Someone asks for the lead without being welcome.
    var campaignPeriod: UInt64 = 0
    var hasObserver = false
    var safetyMilliseconds: UInt64 = 4_000

    init(using generator: inout SplitMix64) {
        func draw(_ bound: UInt64) -> UInt64 { generator.next() % bound }
        func period(_ percent: UInt64, _ base: UInt64) -> UInt64 {
            draw(100) < percent ? base / 2 + draw(base) : 0
        }
        replicaCount = draw(3) == 0 ? 5 : 3
        lossPerMille = draw(2) == 0 ? 0 : draw(150)
        doublePerMille = draw(2) == 0 ? 0 : draw(150)
        delayMillisecondsMax = 1 + draw(draw(4) == 0 ? 60 : 8)
        diskMillisecondsMax = 1 + draw(draw(4) == 0 ? 60 : 8)
        crashPeriod = period(70, 700)
        partitionPeriod = period(60, 900)
        isolationPeriod = period(30, 900)
        slowApplyPeriod = period(30, 500)
        transferPeriod = period(30, 600)
        checkpointPeriod = period(50, 400)
        diskFailurePeriod = period(15, 2_000)
        victim = UInt8(1 + draw(UInt64(replicaCount)))
        damagePeriod = period(35, 800)
        wipePeriod = period(25, 2_000)
        hasObserver = draw(5) == 0
        campaignPeriod = period(40, 120)
    }
}

/// How often each thing happened, so that a run which tests nothing is seen.
struct SimulationCounts {
    var messages = 0, losses = 0, doubles = 0, crashes = 0, partitions = 0, transfers = 0, diskFailures = 0
    var damages = 0, faultyStarts = 0, unknownStarts = 0, wipes = 0, readmissions = 0, snapshots = 0, repairs = 0
    var campaigns = 0, readsAnswered = 0, readsFailed = 0, proposals = 0, slots = 0, ballots = 0, inherited = 0,
        milliseconds: UInt64 = 0

    static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.messages += right.messages
        sum.losses += right.losses
        sum.doubles += right.doubles
        sum.crashes += right.crashes
        sum.partitions += right.partitions
        sum.transfers += right.transfers
        sum.diskFailures += right.diskFailures
        sum.damages += right.damages
        sum.faultyStarts += right.faultyStarts
        sum.unknownStarts += right.unknownStarts
        sum.wipes += right.wipes
        sum.readmissions += right.readmissions
        sum.snapshots += right.snapshots
        sum.repairs += right.repairs
        sum.campaigns += right.campaigns
        sum.readsAnswered += right.readsAnswered
        sum.readsFailed += right.readsFailed
        sum.proposals += right.proposals
        sum.slots += right.slots
        sum.ballots += right.ballots
        sum.inherited += right.inherited
        sum.milliseconds += right.milliseconds
        return sum
    }
}
