internal import CoreTypes
internal import ReplicaEngine

/// What waits for the driver.
struct Inbox {
    var writes: [WriteRequest] = []
    /// The bodies of `writes`, one after the other.
    var bytes = ByteBuilder(capacity: 64 * 1_024)
    var jobs: [@Sendable (ReplicaEngine, EmbeddedGateway) -> Void] = []
    /// Set once, when the store is closed; nothing is taken after it.
    var stop: (@Sendable (EngineError?) -> Void)?
    /// Whoever drives will look at `writes` once more before he sleeps or goes: nobody needs to wake the thread for one.
    var isWatched = false
    /// With so many writes the driver has all that it waits for; 0 if it waits for none.
    var awaitedWriteCount = 0

    var isEmpty: Bool { writes.isEmpty && jobs.isEmpty }

    /// Takes what waits in another inbox, which gets the empty memory of this one.
    mutating func takeOver(from other: inout Inbox) {
        swap(&writes, &other.writes)
        swap(&bytes, &other.bytes)
        swap(&jobs, &other.jobs)
        stop = other.stop
    }

    /// Forgets what was taken and keeps the memory.
    mutating func removeAll() {
        writes.removeAll(keepingCapacity: true)
        jobs.removeAll(keepingCapacity: true)
        bytes.removeAll()
    }
}
