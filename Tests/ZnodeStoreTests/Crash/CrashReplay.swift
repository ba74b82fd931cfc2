import PosixIO
import Synchronization
import SystemPackage

/// The disk at one moment of a recorded run, and what was acknowledged by then.
struct CrashMoment: Sendable {
    var image: DiskImage
    /// Whether the store had been opened: it must be there.
    var isOpened = false
    /// Slots of the checkpoint that was last acknowledged, and of the one that was being written.
    var writtenSlot: UInt64 = 0
    var writingSlot: UInt64 = 0
}

/// Does recorded calls again on a disk in memory, and keeps the disk of every moment at which most is not durable:
/// in the middle of each sync, of each write that syncs, of each rename.
final class CrashReplay {
    static let directory = FilePath("/store")
    private let recorded: FilePath
    private let fileSystem = MemoryFileSystem()
    private let history = History()
    private var files: [Int: any File] = [:]
    private var offsets: [Int: UInt64] = [:]
    private var directories: Set<Int> = []
    /// Leaves syncs of files out, as a system that lies about them would: what must be noticed.
    private let ignoresSyncs: Bool

    init(recordedIn directory: FilePath, ignoresSyncs: Bool = false) throws {
        recorded = directory
        self.ignoresSyncs = ignoresSyncs
        try fileSystem.createDirectory(Self.directory)
        try fileSystem.syncDirectory(Self.directory)
        fileSystem.observe { [history] call, image in
            if call.operation != .write || call.isDataSync { history.add(image) }
        }
    }

    /// Every moment, and the end.
    func run(_ calls: [SystemCall]) throws -> [CrashMoment] {
        for call in calls { try perform(call) }
        history.add(fileSystem.image)
        return history.moments
    }

    private func perform(_ call: SystemCall) throws {
        switch call {
        case .open(let descriptor, let path, let isDataSync): try open(descriptor, path, isDataSync)
        case .close(let descriptor):
            files[descriptor] = nil
            directories.remove(descriptor)
        case .seek(let descriptor, let offset): offsets[descriptor] = offset
        case .write(let descriptor, let offset, let bytes):
            if descriptor == 1 { history.hear(String(decoding: bytes, as: UTF8.self)) }
            let start = offset ?? offsets[descriptor] ?? 0
            try files[descriptor]?.write(bytes.span.bytes, at: start)
            if offset == nil { offsets[descriptor] = start + UInt64(bytes.count) }
        case .sync(let descriptor):
            if directories.contains(descriptor) {
                try fileSystem.syncDirectory(Self.directory)
            } else if !ignoresSyncs {
                try files[descriptor]?.sync()
            }
        case .resize(let descriptor, let byteCount): try files[descriptor]?.resize(to: byteCount)
        case .rename(let source, let target):
            if let source = mapped(source), let target = mapped(target) {
                try fileSystem.rename(source, to: target)
            }
        case .remove(let path):
            if let path = mapped(path), try fileSystem.exists(path) { try fileSystem.remove(path) }
        }
    }

    private func open(_ descriptor: Int, _ path: String, _ isDataSync: Bool) throws {
        if FilePath(path) == recorded {
            directories.insert(descriptor)
        } else if let path = mapped(path) {
            files[descriptor] = try fileSystem.open(
                path, isDataSync ? [.write, .ensure, .dataSync] : [.write, .ensure])
            offsets[descriptor] = 0
        }
    }

    /// A file of the recorded directory as it is called here; lock files say nothing after a crash.
    private func mapped(_ path: String) -> FilePath? {
        let path = FilePath(path)
        guard path.removingLastComponent() == recorded, let name = path.lastComponent?.string,
            !name.hasSuffix("-lock")
        else { return nil }
        return Self.directory.appending(name)
    }
}

/// The moments so far, and what the process has said.
final class History: Sendable {
    private let state = Mutex((now: CrashMoment(image: DiskImage()), moments: [CrashMoment]()))

    var moments: [CrashMoment] { state.withLock { $0.moments } }

    func add(_ image: DiskImage) {
        state.withLock { state in
            state.now.image = image
            state.moments.append(state.now)
        }
    }

    /// Takes a line that the process said of itself.
    func hear(_ line: String) {
        let words = line.split(whereSeparator: \.isWhitespace)
        let slot = words.last.flatMap { UInt64($0) } ?? 0
        state.withLock { state in
            switch words.first {
            case "opened": state.now.isOpened = true
            case "writing": state.now.writingSlot = slot
            case "written": state.now.writtenSlot = slot
            default: break
            }
        }
    }
}
