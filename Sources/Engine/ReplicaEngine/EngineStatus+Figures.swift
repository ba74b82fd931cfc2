internal import CoreTypes
internal import DurableLog

/// What those need of a status who do not know the log's own types.
extension EngineStatus {
    /// How groups are made durable, for example `O_DIRECT|O_DSYNC`.
    package var logMode: String { log.syncMode.rawValue }

    /// Median time of a durable write of 4 KiB in that mode, as measured when the log was opened; nil if it was not.
    package var probedSyncNanoseconds: UInt64? {
        log.probe.first { $0.mode == log.syncMode }?.medianNanoseconds
    }

    package var isUnsafeNoSync: Bool { log.isUnsafeNoSync }

    /// Bytes on disk of the log.
    package var logByteCount: UInt64 { log.segmentByteCount }

    /// What the log's recovery has to say to an operator; empty after a clean stop.
    package var recoveryNotices: [String] {
        var notices = replay.notices
        if let cut = replay.log.cut {
            let fate =
                cut.mayHaveBeenAcknowledged
                ? "its writes may have been acknowledged and cannot be proven" : "nothing in it was acknowledged"
            notices.append("the last group of the log was torn and cut: \(cut.path) at byte \(cut.offset); \(fate)")
        }
        if replay.log.wasUnsafeNoSync {
            notices.append("the log was written without syncs in an earlier life: its last writes may be missing")
        }
        return notices
    }

    /// Damage that was found, or what is wrong with the work in the background; nil if nothing is.
    package var trouble: String? {
        if let finding = counters.scrubFindings.first { return finding }
        return counters.maintenanceTrouble.isEmpty ? nil : counters.maintenanceTrouble
    }

    /// Keys and values for monitoring, most important first. Keys are lower case with underscores, units last.
    package var figures: [(key: String, value: String)] {
        let sync = log.syncTime
        func microseconds(_ quantile: Double) -> String { "\(sync.nanoseconds(quantile: quantile) / 1_000)" }
        return [
            ("applied_slot", "\(appliedSlot.rawValue)"),
            ("checkpoint_slot", "\(checkpointSlot.rawValue)"),
            ("snapshot_slot", "\(snapshotSlot.rawValue)"),
            ("checkpoint_count", "\(counters.checkpoints)"),
            ("checkpoint_failures", "\(counters.failedCheckpoints)"),
            ("checkpoint_last_ms", "\(counters.lastCheckpointMilliseconds)"),
            ("checkpoints_hurried", "\(counters.hurriedCheckpoints)"),
            ("snap_count", "\(counters.snapshots)"),
            ("snapshot_error_count", "\(counters.failedSnapshots)"),
            ("scrub_count", "\(counters.scrubs)"),
            ("scrub_findings", "\(counters.scrubFindings.count)"),
            ("delta_bytes", "\(deltaByteCount)"),
            ("pending_bytes", "\(pendingByteCount)"),
            ("congested", isCongested ? "1" : "0"),
            ("congestion_count", "\(counters.congestions)"),
            ("proposal_count", "\(counters.proposals)"),
            ("commit_count", "\(counters.commands)"),
            ("leader_changes", "\(counters.leaderChanges)"),
            ("forwarded_batches", "\(counters.forwardedBatches)"),
            ("repeated_commands", "\(counters.repeatedCommands)"),
            ("refused_gaps", "\(counters.refusedGaps)"),
            ("agreed_digests", "\(counters.agreedDigests)"),
            ("damaged_slots", "\(counters.damagedSlots)"),
            ("snapshot_needs", "\(counters.snapshotNeeds)"),
            ("store_repairs", "\(counters.storeRepairs)"),
            ("snapshots_installed", "\(counters.installations)"),
            ("last_installation_ms", "\(counters.lastInstallationMilliseconds)"),
            ("snapshot_bytes_received", "\(counters.installedByteCount)"),
            ("snapshot_bytes_sent", "\(counters.sentSnapshotByteCount)"),
            ("voting", isVoting ? "1" : "0"),
            ("readmissions", "\(counters.readmissions)"),
            ("refused_admissions", "\(counters.refusedAdmissions)"),
            ("stale_sessions_expired", "\(counters.expiredSessions)"),
            ("reaped_znodes", "\(counters.reapedNodes)"),
            ("log_mode", logMode),
            ("unsafe_no_sync", isUnsafeNoSync ? "1" : "0"),
            ("log_group_count", "\(log.groupCount)"),
            ("log_written_bytes", "\(log.writtenByteCount)"),
            ("log_segments", "\(log.segmentCount)"),
            ("log_segments_recycled", "\(log.recycledSegmentCount)"),
            ("log_segments_created", "\(log.createdSegmentCount)"),
            ("log_stalls", "\(log.stallCount)"),
            ("log_short_of_space", log.isShortOfSpace ? "1" : "0"),
            ("cnt_fsynctime", "\(sync.count)"),
            ("p50_fsynctime_us", microseconds(0.5)),
            ("p99_fsynctime_us", microseconds(0.99)),
            ("max_fsynctime_us", "\(sync.maxNanoseconds / 1_000)"),
            ("startup_slots_replayed", "\(replay.slotCount)"),
            ("startup_replay_time_ms", "\(replay.replayNanoseconds / 1_000_000)"),
            ("dbinittime_ms", "\(replay.openNanoseconds / 1_000_000)"),
            ("maintenance_trouble", trouble ?? "none"),
        ] + storeFigures
    }
}
