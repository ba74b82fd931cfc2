internal import CBenchmark
import Glibc
import Synchronization

/// The log of the floor server: a zero-filled file that a thread of its own overwrites in groups, round and round,
/// with one `O_DIRECT|O_DSYNC` write for each group. Nothing is ever read back.
///
/// The loop owns the buffer that is being filled, the thread the one that is being written; they change hands in
/// `hand()` and when the thread has said that the group is durable, so neither needs a lock: `work` and `isDone` order
/// all accesses, which makes the unchecked promise below true.
package final class FloorLog: @unchecked Sendable {
    static let bufferByteCount = 8 << 20
    package static let fileByteCount = 256 << 20

    private let file: Int32
    private let fileByteCount: Int
    /// Counted up by the loop to wake the thread.
    private let work: Int32
    /// Counted up by the thread to wake the loop.
    let done: Int32
    private let isDone = Atomic<Bool>(true)
    private let failure = Atomic<Int32>(0)
    private let isStopped = Atomic<Bool>(false)
    private var buffers: (filling: UnsafeMutableRawPointer, writing: UnsafeMutableRawPointer)
    private var writingByteCount = 0
    private var offset = 0
    /// Bytes in the buffer that is being filled.
    private(set) var filledByteCount = 0
    /// True while a group is with the thread.
    private(set) var isWriting = false

    init(path: String, fileByteCount: Int) throws {
        self.fileByteCount = max(fileByteCount, Self.bufferByteCount)
        file = benchmark_open_file(path, 1, 1)
        guard file >= 0 else { throw BenchmarkError.system("open with O_DIRECT", path) }
        try DiskFloor.fillWithZeros(path, byteCount: self.fileByteCount)
        work = benchmark_wake_create(0)
        done = benchmark_wake_create(1)
        buffers = (
            .allocate(byteCount: Self.bufferByteCount, alignment: 4096),
            .allocate(byteCount: Self.bufferByteCount, alignment: 4096)
        )
        memset(buffers.filling, 0, Self.bufferByteCount)
        memset(buffers.writing, 0, Self.bufferByteCount)
    }

    deinit {
        for descriptor in [file, work, done] { close(descriptor) }
        buffers.filling.deallocate()
        buffers.writing.deallocate()
    }

    /// Room for `count` more bytes, or nil when the buffer is full.
    @inline(__always)
    func reserve(_ count: Int) -> UnsafeMutableRawPointer? {
        guard filledByteCount &+ count <= Self.bufferByteCount else { return nil }
        let place = buffers.filling + filledByteCount
        filledByteCount = filledByteCount &+ count
        return place
    }

    /// Gives what was filled to the thread, which must be idle.
    func hand() {
        buffers = (filling: buffers.writing, writing: buffers.filling)
        writingByteCount = (filledByteCount + 4095) & ~4095
        filledByteCount = 0
        isWriting = true
        isDone.store(false, ordering: .releasing)
        var one: UInt64 = 1
        write(work, &one, 8)
    }

    /// True, once, when the group that the thread had is durable.
    func takeCompletion() throws -> Bool {
        guard isWriting, isDone.load(ordering: .acquiring) else { return false }
        let code = failure.load(ordering: .relaxed)
        if code != 0 { throw BenchmarkError.system("write", "the floor's log", code: code) }
        isWriting = false
        return true
    }

    /// Ends the thread when it has nothing to write.
    func stop() {
        isStopped.store(true, ordering: .releasing)
        var one: UInt64 = 1
        write(work, &one, 8)
    }

    /// The thread.
    func run() {
        var count: UInt64 = 0
        while read(work, &count, 8) == 8, !isStopped.load(ordering: .acquiring) {
            if offset + writingByteCount > fileByteCount { offset = 0 }
            let written = pwrite(file, buffers.writing, writingByteCount, off_t(offset))
            if written != writingByteCount { failure.store(written < 0 ? errno : ENOSPC, ordering: .relaxed) }
            offset += writingByteCount
            isDone.store(true, ordering: .releasing)
            var one: UInt64 = 1
            write(done, &one, 8)
        }
    }
}
