internal import Consensus
package import CoreTypes
internal import ZnodeTree

extension ReplicaEngine {
    /// How often containers and znodes with a time to live are looked at.
    private static let reapPeriodMilliseconds: UInt64 = 60_000
    /// How often it is looked whether memory for reads is still of use.
    private static let idlenessPeriodMilliseconds: UInt64 = 1_000
    /// How many of them are deleted at a time (`znode.container.maxPerMinute`).
    private static let reapCountMax = 10_000

    /// Time passed: sessions expire, checkpoints and snapshots come due. To be called several times a second; what it
    /// submits is proposed at the next `endOfInput`.
    package func tick(now: Tick) {
        self.now = max(self.now, now)
        guard stopReason == nil else { return }
        effects.removeAll()
        consensus.tick(self.now, into: &effects)
        interpretEffects()
        if !isClustered || consensus.isServing {
            expireSessions()
            reap()
        }
        if isClustered {
            reportTouches()
            askForAdmission()
            repeatOutstanding()
            yieldIfStuck()
            installationTick()
            askForBarriers()
            releaseBarriers()
        }
        scheduleMaintenance()
        if self.now >= idlenessTick.adding(milliseconds: Self.idlenessPeriodMilliseconds) {
            idlenessTick = self.now
            store.forgetReadsIfIdle()
        }
    }

    /// Proposes the end of sessions that were not heard of. It takes effect only if the attachment seen here still
    /// holds the session when the command is applied.
    private func expireSessions() {
        let expired = tracker.takeExpired(now: now)
        guard !expired.isEmpty else { return }
        let sessions = shared.withLock { tree in expired.compactMap { tree.session($0) } }
        for session in sessions {
            let result = submitInternal(.expireSession, session: session.id, attachment: session.attachment) { _ in }
            // Not taken now: it is tried again when its time is over once more.
            if result != .accepted {
                tracker.add(session.id, timeoutMilliseconds: UInt64(session.timeoutMilliseconds), now: now)
            }
        }
    }

    private func reap() {
        guard now >= reapTick.adding(milliseconds: Self.reapPeriodMilliseconds) else { return }
        reapTick = now
        let time = max(lastStamp, wallClock())
        let candidates = shared.withLock { $0.reapCandidates(now: time, countMax: Self.reapCountMax) }
        for candidate in candidates {
            let result = submitInternal(.reap, session: .none, attachment: .none) { body in
                unsafe ReapBody.append(node: candidate.node, path: candidate.path.span.bytes, to: body)
            }
            guard result == .accepted else { return }
            counters.reapedNodes += 1
        }
    }
}
