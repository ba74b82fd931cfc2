internal import Synchronization
internal import SystemPackage

/// A file of a file system in memory.
final class MemoryFile: File {
    let path: FilePath
    private let fileSystem: MemoryFileSystem
    private let number: UInt64
    private let options: FileOptions
    /// The first write or sync that failed: it is the answer to all later ones.
    private let firstFailure = Mutex<Errno?>(nil)

    init(_ fileSystem: MemoryFileSystem, path: FilePath, number: UInt64, options: FileOptions) {
        self.fileSystem = fileSystem
        self.path = path
        self.number = number
        self.options = options
    }

    func read(into bytes: inout MutableRawSpan, at offset: UInt64) throws(FileError) -> Int {
        let call = RecordedCall(operation: .read, path: path, offset: offset, byteCount: bytes.byteCount)
        try checkAlignment(call)
        let file = try fileSystem.perform(call) { state throws(Errno) in state.image.files[number] }
        guard let file else { return 0 }
        guard file.isReadable(offset..<(offset + UInt64(bytes.byteCount))) else {
            throw FileError(.read, path, offset: offset, errno: .ioError)
        }
        return file.read(into: &bytes, at: offset)
    }

    func write(_ bytes: RawSpan, at offset: UInt64) throws(FileError) {
        let isDataSync = options.contains(.dataSync)
        let call = RecordedCall(
            operation: .write, path: path, offset: offset, byteCount: bytes.byteCount, isDataSync: isDataSync)
        try refuseAfterFailure(call)
        try checkAlignment(call)
        guard options.contains(.write) else { throw FileError(.write, path, offset: offset, errno: .badFileDescriptor) }
        // The content is made outside the lock's closure, which cannot take a span along.
        let copy = unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }
        try change(call) { [number] state, fault throws(Errno) in
            let end = offset + UInt64(copy.count)
            let size = state.image.files[number]?.liveByteCount ?? 0
            if end > size, state.image.usedByteCount + (end - size) > state.capacityByteCount { throw Errno.noSpace }
            let count = fault.map { min($0.shortByteCount, copy.count) } ?? copy.count
            if count > 0 {
                unsafe state.image.files[number]?.write(
                    copy.span.bytes.extracting(0..<count), at: offset, sequence: &state.image.sequence)
            }
            state.observer?(call, state.image)
            if let fault {
                state.image.files[number]?.abandonUnsynced()
                throw fault.errno
            }
            if isDataSync { state.image.files[number]?.syncBlocks(offset..<end) }
        }
    }

    func sync() throws(FileError) {
        let call = RecordedCall(operation: .sync, path: path)
        try refuseAfterFailure(call)
        try change(call) { [number] state, fault throws(Errno) in
            state.observer?(call, state.image)
            if let fault {
                state.image.files[number]?.abandonUnsynced()
                throw fault.errno
            }
            state.image.files[number]?.sync()
        }
    }

    func syncAll() throws(FileError) { try sync() }

    func byteCount() throws(FileError) -> UInt64 {
        try fileSystem.perform(RecordedCall(operation: .byteCount, path: path)) { state throws(Errno) in
            state.image.files[number]?.liveByteCount ?? 0
        }
    }

    func resize(to byteCount: UInt64) throws(FileError) {
        let call = RecordedCall(operation: .resize, path: path)
        try refuseAfterFailure(call)
        try change(call) { [number] state, fault throws(Errno) in
            if let fault { throw fault.errno }
            let size = state.image.files[number]?.liveByteCount ?? 0
            if byteCount > size, state.image.usedByteCount + (byteCount - size) > state.capacityByteCount {
                throw Errno.noSpace
            }
            state.image.files[number]?.resize(to: byteCount, sequence: &state.image.sequence)
            state.observer?(call, state.image)
        }
    }

    func allocate(byteCount: UInt64) throws(FileError) {
        let call = RecordedCall(operation: .allocate, path: path)
        try refuseAfterFailure(call)
        try change(call) { [number] state, fault throws(Errno) in
            if let fault { throw fault.errno }
            let size = state.image.files[number]?.liveByteCount ?? 0
            guard byteCount > size else { return }
            if state.image.usedByteCount + (byteCount - size) > state.capacityByteCount { throw Errno.noSpace }
            state.image.files[number]?.resize(to: byteCount, sequence: &state.image.sequence)
            state.observer?(call, state.image)
        }
    }

    /// Does a call that changes the file; the closure sees the fault that was injected for it.
    private func change(
        _ call: RecordedCall, _ body: (inout MemoryFileSystem.State, FaultInjection?) throws(Errno) -> Void
    ) throws(FileError) {
        do throws(Errno) {
            try fileSystem.state.withLock { state throws(Errno) in
                let fault = state.fault(of: call)
                try body(&state, fault)
            }
        } catch {
            firstFailure.withLock { $0 = $0 ?? error }
            throw FileError(call.operation, path, offset: call.offset, errno: error)
        }
    }

    private func refuseAfterFailure(_ call: RecordedCall) throws(FileError) {
        if let errno = firstFailure.withLock({ $0 }) {
            throw FileError(call.operation, path, offset: call.offset, errno: errno)
        }
    }

    /// Direct reads and writes must be aligned, as the real ones.
    private func checkAlignment(_ call: RecordedCall) throws(FileError) {
        guard options.contains(.direct), let offset = call.offset else { return }
        let isAligned = (offset | UInt64(call.byteCount)) % UInt64(AlignedBuffer.alignment) == 0
        if !isAligned { throw FileError(call.operation, path, offset: offset, errno: .invalidArgument) }
    }
}
