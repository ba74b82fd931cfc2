internal import CoreTypes
internal import LMDB
internal import PosixIO
internal import Synchronization
package import ZnodeTree

extension ZnodeStore {
    /// Moves a frozen delta into the store, in one transaction that is durable when this returns.
    ///
    /// Blocks for as long as it takes; on the maintenance thread. Readers keep their state until they renew.
    ///
    /// - Throws: when anything fails. The checkpoint before is whole and still the newest, and the same delta may be
    ///   written again; except after `.fenced`, when either of the two may be the newest once the store is opened again.
    package func writeCheckpoint(_ delta: Delta) throws(StoreError) {
        let start = MonotonicClock.nanoseconds
        let slot = delta.meta.appliedSlot
        let isFree = state.withLock { state in
            guard state.current == nil else { return false }
            state.current = (slot, delta.count, start)
            return true
        }
        invariant(isFree, "two checkpoints at one time")
        rowsWritten.store(0, ordering: .relaxed)
        do throws(StoreError) {
            let written = try write(delta, start: start)
            state.withLock { state in
                state.current = nil
                state.last = written
                state.checkpointCount += 1
                state.failure = nil
            }
        } catch {
            let failure = classified(error)
            state.withLock { state in
                state.current = nil
                state.failedCheckpointCount += 1
                state.failure = failure
            }
            throw failure
        }
        // Room behind the last page guards against damage only; without space for it the checkpoint is durable all the same.
        try? reserveSlack()
        residency.releaseAfterWork()
    }

    private func write(_ delta: Delta, start: UInt64) throws(StoreError) -> WrittenCheckpoint {
        let usedBefore = environment.information.usedByteCount
        let transaction = try StoreError.ofLMDB { () throws(LMDBError) in try environment.beginWriting() }
        let counts = try fill(transaction, delta)
        let commitStart = MonotonicClock.nanoseconds
        do throws(LMDBError) { try transaction.commit() } catch { throw StoreError(error) }
        let end = MonotonicClock.nanoseconds
        return WrittenCheckpoint(
            slot: delta.meta.appliedSlot, counts: counts, nanoseconds: end - start,
            commitNanoseconds: end - commitStart, grownByteCount: environment.information.usedByteCount - usedBefore)
    }

    private func fill(
        _ transaction: borrowing WriteTransaction, _ delta: Delta
    ) throws(StoreError) -> CheckpointCounts {
        var writer: CheckpointWriter
        do throws(LMDBError) {
            writer = try CheckpointWriter(transaction, databases, path: path)
        } catch {
            throw StoreError(error)
        }
        var rowCount = 0
        try delta.forEachRow { row throws(StoreError) in
            try writer.put(row)
            rowCount += 1
            if rowCount.isMultiple(of: ZnodeStore.rowsPerYield) { DedicatedThread.yield() }
            if rowCount.isMultiple(of: ZnodeStore.rowsPerLook) {
                rowsWritten.wrappingAdd(ZnodeStore.rowsPerLook, ordering: .relaxed)
                residency.releaseIfNeeded()
            }
        }
        try writer.finish()
        try delta.forEachSystemRow { key, value, isRemoved throws(StoreError) in
            try writer.putSystem(key, value, isRemoved: isRemoved)
        }
        return writer.counts
    }

    /// LMDB reports a write that came out short as EIO: with a full disk that is lack of space.
    private func classified(_ error: StoreError) -> StoreError {
        guard error.kind == .failed, let free = try? fileSystem.freeByteCount(directory),
            free < ZnodeStore.freeByteCountMin
        else { return error }
        var classified = error
        classified.kind = .outOfSpace
        return classified
    }

    /// Rows, some 50 us of work, after which others may run: a thread on this one's processor, however urgent, may otherwise
    /// be kept waiting for a slice of a millisecond or more; even if this one gives way to all that wake up, by one that
    /// yields.
    private static let rowsPerYield = 32
    /// Rows between two looks at progress and residency.
    private static let rowsPerLook = 4_096
    /// Less free space than this explains a short write.
    private static let freeByteCountMin: UInt64 = 16 * 1_048_576

    /// Bytes of the file up to its last page in use. Waits for nobody; any thread.
    package var usedByteCount: Int { environment.information.usedByteCount }

    /// How the store is, now. Costs a few microseconds; any thread.
    package var status: StoreStatus {
        var status = StoreStatus()
        let information = environment.information
        status.path = path
        status.usedByteCount = information.usedByteCount
        status.mapByteCount = information.mapByteCount
        status.transactionCount = information.lastTransaction
        status.residentByteCount = residency.byteCount
        status.residentReleaseCount = residency.releases
        (status.readerCount, status.oldestReaderNanoseconds) = readers.ages
        let now = MonotonicClock.nanoseconds
        let rowCount = rowsWritten.load(ordering: .relaxed)
        state.withLock { state in
            status.last = state.last
            status.checkpointCount = state.checkpointCount
            status.failedCheckpointCount = state.failedCheckpointCount
            status.failure = state.failure
            status.current = state.current.map {
                StoreStatus.CurrentCheckpoint(
                    slot: $0.slot, rowCount: rowCount, rowCountTotal: $0.rowCount, elapsedNanoseconds: now - $0.start)
            }
        }
        return status
    }
}
