internal import CoreTypes
package import PosixIO
package import SystemPackage

/// The directory of one replica: what lies where in it, and the lock that keeps other processes out.
///
/// ```
/// lock  identity  life  log/  store/  snapshots/
/// ```
///
/// Crash safety of the first start: log and store are made first, the identity last, and nothing is acknowledged before
/// the identity is durable. So a directory without an identity holds nothing that was promised, unless somebody took
/// the file away, which the log would show.
package final class DataDirectory: Sendable {
    package let path: FilePath
    package let logPath: FilePath
    package let fileSystem: any FileSystem
    private let lock: any DirectoryLock

    package var storePath: FilePath { path.appending("store") }
    package var snapshotPath: FilePath { path.appending("snapshots") }
    private var lifePath: FilePath { path.appending("life") }
    private var identityPath: FilePath { path.appending("identity") }

    /// Makes the directory if it is missing, and locks it.
    package init(
        _ path: FilePath, logDirectory: FilePath?, fileSystem: any FileSystem
    ) throws(EngineError) {
        self.path = path
        self.logPath = logDirectory ?? path.appending("log")
        self.fileSystem = fileSystem
        do throws(FileError) {
            try fileSystem.createDirectories(path)
        } catch {
            throw EngineError(file: error, purpose: "the data directory cannot be made or used")
        }
        do throws(DirectoryLockError) {
            lock = try fileSystem.lockDirectory(path)
        } catch {
            switch error {
            case .inUse: throw EngineError(.directoryInUse, error.description)
            case .failed(let cause): throw EngineError(file: cause, purpose: "the data directory cannot be locked")
            }
        }
        do throws(FileError) {
            try fileSystem.createDirectories(logPath)
            try fileSystem.createDirectories(path.appending("store"))
            try fileSystem.createDirectories(path.appending("snapshots"))
        } catch {
            lock.release()
            throw EngineError(file: error, purpose: "the data directory cannot be filled")
        }
    }

    /// The identity; nil if the directory has none yet.
    func readIdentity() throws(EngineError) -> DirectoryIdentity? {
        let bytes: [UInt8]
        do throws(FileError) {
            guard try fileSystem.exists(identityPath) else { return nil }
            bytes = try fileSystem.readFile(identityPath, byteCountMax: DirectoryIdentity.byteCountMax)
        } catch {
            throw EngineError(file: error, purpose: "the directory's identity cannot be read")
        }
        return try DirectoryIdentity(String(decoding: bytes, as: UTF8.self), file: identityPath.string)
    }

    /// Writes the identity; durable on return.
    func write(_ identity: DirectoryIdentity) throws(EngineError) {
        let bytes = Array(identity.text.utf8)
        do throws(FileError) {
            try unsafe fileSystem.replaceFile(identityPath, with: bytes.span.bytes)
        } catch {
            throw EngineError(file: error, purpose: "the directory's identity cannot be written")
        }
    }

    /// A number that no earlier life of this directory had; durable on return.
    ///
    /// A file that is missing or not readable is no fault: it counts from `least`, and a directory of a version without
    /// the file named its lives by less.
    func takeLifeNumber(atLeast least: UInt64) throws(EngineError) -> UInt64 {
        do throws(FileError) {
            var number = least
            if try fileSystem.exists(lifePath) {
                let bytes = try fileSystem.readFile(lifePath, byteCountMax: DirectoryIdentity.byteCountMax)
                let text = String(decoding: bytes, as: UTF8.self)
                if let former = UInt64(text.prefix { $0.isNumber }) { number = max(number, former &+ 1) }
            }
            let bytes = Array("\(number)\n".utf8)
            try unsafe fileSystem.replaceFile(lifePath, with: bytes.span.bytes)
            return number
        } catch {
            throw EngineError(file: error, purpose: "the number of starts cannot be written")
        }
    }

    /// Lets other processes in again.
    func release() { lock.release() }
}

extension EngineError {
    /// From an error of the file system: what it was for, then file, operation and cause.
    init(file error: FileError, purpose: String) {
        let kind: Kind = error.isOutOfSpace ? .diskFull : .directoryNotUsable
        self.init(kind, "\(purpose): \(error)")
    }
}
