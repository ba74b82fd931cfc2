import Glibc

/// One request in flight.
struct RequestInFlight {
    var sentAt: UInt64
    var key: UInt32
    var directory: UInt32
    /// Index into the worker's templates.
    var template: Int
}

/// The state of one connection, in plain memory: the loop that drives it counts no references.
///
/// Xids are 1, 2, 3, ...; those from `oldestXid` up to `nextXid` are in flight, and a request lies in the ring at its
/// xid modulo the ring's size. A server answers a connection in order, so a reply must carry `oldestXid`.
struct LoadConnection {
    let descriptor: Int32
    /// Its number among all connections of the run; its own directory has the same.
    let index: UInt32
    let ring: UnsafeMutablePointer<RequestInFlight>
    let ringMask: UInt32
    var nextXid: UInt32 = 1
    var oldestXid: UInt32 = 1
    /// The newest zxid that this session was shown; a session never goes back in time.
    var lastZxid: Int64 = 0
    /// Position in a choice that goes through keys one by one.
    var nextKey: Int = 0
    var keyEnd: Int = 0
    var isClosed = false
    /// Bytes that the socket did not take yet.
    var unsent: UnsafeMutableRawPointer
    var unsentCapacity: Int
    var unsentCount = 0
    /// The beginning of a frame whose end has not arrived.
    var partial: UnsafeMutableRawPointer
    var partialCapacity: Int
    var partialCount = 0

    init(descriptor: Int32, index: Int, outstandingCount: Int) {
        self.descriptor = descriptor
        self.index = UInt32(index)
        var size = 1
        while size < outstandingCount { size *= 2 }
        ring = .allocate(capacity: size)
        ring.initialize(
            repeating: RequestInFlight(sentAt: 0, key: 0, directory: 0, template: 0), count: size)
        ringMask = UInt32(size - 1)
        unsentCapacity = 4096
        unsent = .allocate(byteCount: unsentCapacity, alignment: 16)
        partialCapacity = 4096
        partial = .allocate(byteCount: partialCapacity, alignment: 16)
    }

    @inline(__always)
    var inFlightCount: UInt32 { nextXid &- oldestXid }

    /// Keeps bytes for later, behind those already kept.
    mutating func keepUnsent(_ start: UnsafeRawPointer, _ count: Int) {
        if unsentCount + count > unsentCapacity {
            let capacity = max(unsentCapacity * 2, unsentCount + count)
            let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
            larger.copyMemory(from: unsent, byteCount: unsentCount)
            unsent.deallocate()
            (unsent, unsentCapacity) = (larger, capacity)
        }
        (unsent + unsentCount).copyMemory(from: start, byteCount: count)
        unsentCount += count
    }

    /// Forgets the first bytes of those kept.
    mutating func dropUnsent(_ count: Int) {
        unsentCount -= count
        if unsentCount > 0 { memmove(unsent, unsent + count, unsentCount) }
    }

    /// Keeps the beginning of a frame.
    mutating func keepPartial(_ start: UnsafeRawPointer, _ count: Int) {
        if count > partialCapacity {
            partial.deallocate()
            partialCapacity = max(partialCapacity * 2, count)
            partial = .allocate(byteCount: partialCapacity, alignment: 16)
        }
        partial.copyMemory(from: start, byteCount: count)
        partialCount = count
    }

    func deallocate() {
        ring.deallocate()
        unsent.deallocate()
        partial.deallocate()
    }
}
