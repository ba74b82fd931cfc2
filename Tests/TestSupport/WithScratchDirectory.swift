import PosixIO
import SystemPackage

/// Runs `body` with the path of an empty directory of the real file system, and removes it with everything in it.
package func withScratchDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let fileSystem = RealFileSystem()
    var generator = SystemRandomNumberGenerator()
    let ordinal = UInt32.random(in: 0 ... .max, using: &generator)
    let path = FilePath("/tmp/aviary-test-\(MonotonicClock.nanoseconds)-\(ordinal)")
    try fileSystem.createDirectory(path)
    do {
        let result = try await body(path.string)
        removeTree(path, fileSystem)
        return result
    } catch {
        removeTree(path, fileSystem)
        throw error
    }
}

/// Removes a file, or a directory with everything in it.
func removeTree(_ path: FilePath, _ fileSystem: RealFileSystem) {
    for name in (try? fileSystem.list(path)) ?? [] { removeTree(path.appending(name), fileSystem) }
    try? fileSystem.remove(path)
}
