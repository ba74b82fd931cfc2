internal import Synchronization
internal import SystemPackage

/// Keeps a directory of a file system in memory for one opener.
final class MemoryDirectoryLock: DirectoryLock {
    private let fileSystem: MemoryFileSystem
    private let path: FilePath
    private let isReleased = Atomic<Bool>(false)

    init(_ fileSystem: MemoryFileSystem, _ path: FilePath) {
        self.fileSystem = fileSystem
        self.path = path
    }

    func release() {
        let wasReleased = isReleased.exchange(true, ordering: .acquiringAndReleasing)
        if wasReleased { return }
        fileSystem.state.withLock { state in state.lockedDirectories.removeAll { $0 == path } }
    }

    deinit { release() }
}
