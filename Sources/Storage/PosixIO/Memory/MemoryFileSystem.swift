internal import CoreTypes
internal import Synchronization
package import SystemPackage

/// A file system in memory with a live and a durable image, for tests and simulation.
///
/// A crash is taken from an image: `MemoryFileSystem(image: fileSystem.image.crashed { … })` is the disk as the next
/// process finds it. An observer sees the disk in the middle of every call that changes it, when the change is live and
/// not yet durable. Every method may be called from any thread.
package final class MemoryFileSystem: FileSystem {
    struct State: Sendable {
        var image: DiskImage
        var faults: [FaultInjection] = []
        var calls: [RecordedCall] = []
        var isRecording = false
        var callCounts: [FileOperation: Int] = [:]
        var lockedDirectories: [FilePath] = []
        var capacityByteCount: UInt64 = .max
        var observer: (@Sendable (RecordedCall, DiskImage) -> Void)?
        /// Parents of paths that were asked for: taking paths apart is slow, and crash tests do it a million times.
        private static let parents = Mutex<[FilePath: FilePath]>([:])
        private static let parentCountMax = 10_000

        func parent(of path: FilePath) -> FilePath {
            Self.parents.withLock { known in
                if let parent = known[path] { return parent }
                if known.count >= Self.parentCountMax { known.removeAll() }
                let parent = path.removingLastComponent()
                known[path] = parent
                return parent
            }
        }

        init(image: DiskImage) { self.image = image }
    }

    let state: Mutex<State>

    package init(image: DiskImage = DiskImage()) { state = Mutex(State(image: image)) }

    /// The disk now.
    package var image: DiskImage { state.withLock { $0.image } }

    /// Changes the disk behind the back of whoever has files open: damage.
    package func change(_ body: (inout DiskImage) -> Void) { state.withLock { body(&$0.image) } }

    /// Calls to come that fail. Replaces what was injected before.
    package func inject(_ faults: FaultInjection...) { inject(faults) }

    /// The same for any number of them.
    package func inject(_ faults: [FaultInjection]) { state.withLock { $0.faults = faults } }

    /// How many bytes all files together may have; beyond, growing fails with ENOSPC.
    package func limit(toByteCount count: UInt64) { state.withLock { $0.capacityByteCount = count } }

    /// Is called in the middle of every call that changes the disk; it must not call the file system.
    package func observe(_ observer: (@Sendable (RecordedCall, DiskImage) -> Void)?) {
        state.withLock { $0.observer = observer }
    }

    /// Starts to keep every call, or stops and forgets.
    package func record(_ isRecording: Bool) {
        state.withLock {
            $0.isRecording = isRecording
            $0.calls = []
        }
    }

    /// The calls since recording was started.
    package var calls: [RecordedCall] { state.withLock { $0.calls } }

    /// How often a kind of call was made.
    package func callCount(_ operation: FileOperation) -> Int { state.withLock { $0.callCounts[operation] ?? 0 } }

    package func open(_ path: FilePath, _ options: FileOptions) throws(FileError) -> any File {
        let operation: FileOperation = options.contains(.create) ? .create : .open
        let number = try perform(RecordedCall(operation: operation, path: path)) { state throws(Errno) in
            switch state.image.liveNames[path] {
            case .directory: throw Errno.isDirectory
            case .file(let number):
                if options.contains(.create) { throw Errno.fileExists }
                return number
            case nil:
                guard options.contains(.create) || options.contains(.ensure) else {
                    throw Errno.noSuchFileOrDirectory
                }
                let directory = state.parent(of: path)
                guard state.image.liveNames[directory] == .directory else { throw Errno.noSuchFileOrDirectory }
                let number = state.image.nextFile
                state.image.nextFile += 1
                state.image.files[number] = FileImage()
                state.image.change(directory: directory, removed: nil, added: path, entry: .file(number))
                return number
            }
        }
        return MemoryFile(self, path: path, number: number, options: options)
    }

    package func createDirectory(_ path: FilePath) throws(FileError) {
        try perform(RecordedCall(operation: .createDirectory, path: path)) { state throws(Errno) in
            switch state.image.liveNames[path] {
            case .directory: return
            case .file: throw Errno.notDirectory
            case nil:
                let parent = state.parent(of: path)
                state.image.change(directory: parent, removed: nil, added: path, entry: .directory)
                // The root of the image has no parent whose sync could make it durable.
                if state.image.liveNames[parent] == nil { state.image.syncDirectory(parent) }
            }
        }
    }

    package func list(_ directory: FilePath) throws(FileError) -> [String] {
        try perform(RecordedCall(operation: .list, path: directory)) { state throws(Errno) in
            guard state.image.liveNames[directory] == .directory else { throw Errno.noSuchFileOrDirectory }
            // By text: taking paths apart is slow, and crash tests list directories thousands of times.
            let prefix = directory.string == "/" ? "/" : directory.string + "/"
            var names: [String] = []
            for path in state.image.liveNames.keys {
                let text = path.string
                guard text.hasPrefix(prefix), text != prefix else { continue }
                let name = String(text.dropFirst(prefix.count))
                if !name.utf8.contains(UInt8(ascii: "/")) { names.append(name) }
            }
            return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }

    /// Renames within one directory; EXDEV for anything else.
    package func rename(_ source: FilePath, to target: FilePath) throws(FileError) {
        try perform(RecordedCall(operation: .rename, path: source)) { state throws(Errno) in
            guard let entry = state.image.liveNames[source] else { throw Errno.noSuchFileOrDirectory }
            let directory = state.parent(of: source)
            guard state.parent(of: target) == directory else { throw Errno.improperLink }
            state.image.change(directory: directory, removed: source, added: target, entry: entry)
        }
    }

    package func remove(_ path: FilePath) throws(FileError) {
        try perform(RecordedCall(operation: .remove, path: path)) { state throws(Errno) in
            guard let entry = state.image.liveNames[path] else { throw Errno.noSuchFileOrDirectory }
            let directory = state.parent(of: path)
            state.image.change(directory: directory, removed: path, added: nil, entry: entry)
        }
    }

    package func exists(_ path: FilePath) throws(FileError) -> Bool {
        try perform(RecordedCall(operation: .exists, path: path)) { state throws(Errno) in
            state.image.liveNames[path] != nil
        }
    }

    package func syncDirectory(_ path: FilePath) throws(FileError) {
        let call = RecordedCall(operation: .syncDirectory, path: path)
        try perform(call) { state throws(Errno) in
            guard state.image.liveNames[path] == .directory else { throw Errno.noSuchFileOrDirectory }
            state.observer?(call, state.image)
            state.image.syncDirectory(path)
        }
    }

    package func lockDirectory(_ path: FilePath) throws(DirectoryLockError) -> any DirectoryLock {
        do throws(FileError) {
            try perform(RecordedCall(operation: .lock, path: path)) { state throws(Errno) in
                if state.lockedDirectories.contains(path) { throw Errno.wouldBlock }
                state.lockedDirectories.append(path)
            }
        } catch {
            if error.errno == .wouldBlock { throw .inUse(directory: path, owner: nil) }
            throw .failed(error)
        }
        return MemoryDirectoryLock(self, path)
    }

    package func freeByteCount(_ directory: FilePath) throws(FileError) -> UInt64 {
        try perform(RecordedCall(operation: .freeByteCount, path: directory)) { state throws(Errno) in
            state.capacityByteCount - min(state.capacityByteCount, state.image.usedByteCount)
        }
    }

    /// Counts a call, fails it if that was asked for, and else does it.
    func perform<Result: Sendable>(
        _ call: RecordedCall, _ body: (inout State) throws(Errno) -> Result
    ) throws(FileError) -> Result {
        do throws(Errno) {
            return try state.withLock { state throws(Errno) in
                if let fault = state.fault(of: call) { throw fault.errno }
                return try body(&state)
            }
        } catch {
            throw FileError(call.operation, call.path, offset: call.offset, errno: error)
        }
    }
}

extension MemoryFileSystem.State {
    /// Counts a call and finds the fault that was injected for it.
    mutating func fault(of call: RecordedCall) -> FaultInjection? {
        if isRecording { calls.append(call) }
        callCounts[call.operation, default: 0] += 1
        var hit: FaultInjection?
        for index in faults.indices where faults[index].matches(call) {
            if faults[index].ordinal > 1 {
                faults[index].ordinal -= 1
            } else if faults[index].ordinal == 1 {
                hit = faults[index]
                if !faults[index].isPersistent { faults[index].ordinal = 0 }
            }
        }
        return hit
    }
}
