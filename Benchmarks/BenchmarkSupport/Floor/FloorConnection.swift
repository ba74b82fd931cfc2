import Glibc

/// A client of the floor server, in plain memory.
///
/// Replies are appended in the order of the requests. Those behind a write whose group is not durable yet are held:
/// `marks` says up to which byte of `out` each of the newest two groups holds.
struct FloorConnection {
    let descriptor: Int32
    var hasSession = false
    var isClosing = false
    var out: UnsafeMutableRawPointer
    var outCapacity = 16384
    var outCount = 0
    /// Bytes at the front of `out` that may be sent.
    var releasedCount = 0
    /// The group that holds the bytes up to `olderEnd`, 0 when there is none; then the next one.
    var olderGroup: UInt64 = 0
    var olderEnd = 0
    var newerGroup: UInt64 = 0
    var partial: UnsafeMutableRawPointer
    var partialCapacity = 16384
    var partialCount = 0

    init(descriptor: Int32) {
        self.descriptor = descriptor
        out = .allocate(byteCount: outCapacity, alignment: 16)
        partial = .allocate(byteCount: partialCapacity, alignment: 16)
    }

    func deallocate() {
        out.deallocate()
        partial.deallocate()
    }

    /// Room for a reply of `count` bytes, behind the last one.
    @inline(__always)
    mutating func appendReply(_ count: Int) -> UnsafeMutableRawPointer {
        if outCount &+ count > outCapacity {
            let capacity = max(outCapacity * 2, outCount + count)
            let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
            larger.copyMemory(from: out, byteCount: outCount)
            out.deallocate()
            (out, outCapacity) = (larger, capacity)
        }
        let place = out + outCount
        outCount = outCount &+ count
        if newerGroup == 0 && olderGroup == 0 { releasedCount = outCount }
        if olderGroup != 0 && newerGroup == 0 { olderEnd = outCount }
        return place
    }

    /// Holds what is appended from here on until `group` is durable.
    @inline(__always)
    mutating func hold(until group: UInt64) {
        if olderGroup == group || newerGroup == group { return }
        if olderGroup == 0 {
            olderGroup = group
            olderEnd = outCount
        } else {
            newerGroup = group
        }
    }

    /// Lets go what waited for groups up to `group`.
    mutating func release(upTo group: UInt64) {
        if olderGroup != 0 && olderGroup <= group {
            releasedCount = olderEnd
            olderGroup = newerGroup
            olderEnd = outCount
            newerGroup = 0
        }
        if olderGroup == 0 { releasedCount = outCount }
    }

    /// Sends what may be sent; false when the connection is broken.
    mutating func flush() -> Bool {
        guard releasedCount > 0 else { return true }
        let sent = Glibc.send(descriptor, out, releasedCount, Int32(MSG_NOSIGNAL))
        if sent < 0 { return errno == EAGAIN || errno == EINTR }
        outCount -= sent
        releasedCount -= sent
        olderEnd = max(0, olderEnd - sent)
        if outCount > 0 { memmove(out, out + sent, outCount) }
        return true
    }

    mutating func keepPartial(_ start: UnsafeRawPointer, _ count: Int) {
        if count > partialCapacity {
            partial.deallocate()
            partialCapacity = count * 2
            partial = .allocate(byteCount: partialCapacity, alignment: 16)
        }
        partial.copyMemory(from: start, byteCount: count)
        partialCount = count
    }
}
