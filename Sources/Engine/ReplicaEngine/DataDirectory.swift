internal import Consensus
package import CoreTypes
internal import DurableLog
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

    /// The identity of a replica that belongs to a cluster, if only of one; nil if the directory has none yet.
    ///
    /// - Throws: also for a directory that waits for its cluster to be founded.
    func readIdentity() throws(EngineError) -> DirectoryIdentity? {
        switch try readState() {
        case nil: return nil
        case .founded(let identity): return identity
        case .unfounded(let identity):
            throw EngineError(
                .directoryNotUsable,
                "\(path): the directory was prepared for replica \(identity.replica.rawValue) of a cluster that is not "
                    + "founded yet: start it with the configuration that names the cluster's members")
        }
    }

    /// What the identity says; nil if the directory has none yet.
    package func readState() throws(EngineError) -> DirectoryState? {
        let bytes: [UInt8]
        do throws(FileError) {
            guard try fileSystem.exists(identityPath) else { return nil }
            bytes = try fileSystem.readFile(identityPath, byteCountMax: DirectoryState.byteCountMax)
        } catch {
            throw EngineError(file: error, purpose: "the directory's identity cannot be read")
        }
        return try DirectoryState(String(decoding: bytes, as: UTF8.self), file: identityPath.string)
    }

    /// Writes the identity of a replica that belongs to a cluster; durable on return.
    func write(_ identity: DirectoryIdentity) throws(EngineError) { try write(DirectoryState.founded(identity)) }

    private func write(_ state: DirectoryState) throws(EngineError) {
        let bytes = Array(state.text.utf8)
        do throws(FileError) {
            try unsafe fileSystem.replaceFile(identityPath, with: bytes.span.bytes)
        } catch {
            throw EngineError(file: error, purpose: "the directory's identity cannot be written")
        }
    }

    /// A number that no earlier life of this directory had; durable on return.
    ///
    /// Without the file it counts from `least`: a directory of a version that had none named its lives by less. A file
    /// that is damaged is no reason not to start: the number is drawn then, and hardly that of a life whose sessions
    /// still live.
    func takeLifeNumber(atLeast least: UInt64) throws(EngineError) -> UInt64 {
        do throws(FileError) {
            var number = least
            if try fileSystem.exists(lifePath) {
                let bytes = try fileSystem.readFile(lifePath, byteCountMax: DirectoryState.byteCountMax)
                let former = LifeNumber(String(decoding: bytes, as: UTF8.self))?.rawValue
                number = former.map { max(least, $0 + 1) } ?? drawnLifeNumber(atLeast: least)
            }
            let bytes = Array(LifeNumber(rawValue: number).text.utf8)
            try unsafe fileSystem.replaceFile(lifePath, with: bytes.span.bytes)
            return number
        } catch {
            throw EngineError(file: error, purpose: "the number of starts cannot be written")
        }
    }

    private func drawnLifeNumber(atLeast least: UInt64) -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return UInt64.random(in: least...max(least, 1 << 20), using: &generator)
    }

    // MARK: Before and at the foundation of a cluster

    /// Who this directory is, for a replica that is configured with others. An empty directory draws its incarnation,
    /// durable on return, before anyone is talked to.
    ///
    /// - Parameters:
    ///   - replica: the number that the configuration gives it.
    ///   - generator: draws the incarnation.
    package func prepareMember(
        _ replica: ReplicaID, using generator: inout some RandomNumberGenerator
    ) throws(EngineError) -> DirectoryState {
        if let state = try readState() {
            guard state.identity.replica == replica else {
                throw EngineError(
                    .damaged,
                    "\(path): this is the directory of replica \(state.identity.replica.rawValue), and the configuration "
                        + "says \(replica.rawValue): use the directory that belongs to it")
            }
            return state
        }
        try refuseProposals()
        let incarnation = Incarnation(Identifier128(using: &generator))
        let state = DirectoryState.unfounded(ReplicaIdentity(replica: replica, incarnation: incarnation))
        try write(state)
        return state
    }

    /// The same for a directory of this machine that is not open.
    package static func prepareMember(
        _ replica: ReplicaID, directory: String, logDirectory: String?
    ) throws(EngineError) -> DirectoryState {
        let directory = try DataDirectory(
            FilePath(directory), logDirectory: logDirectory.map { FilePath($0) }, fileSystem: RealFileSystem())
        defer { directory.release() }
        var random = SystemRandomNumberGenerator()
        return try directory.prepareMember(replica, using: &random)
    }

    /// The identity of a member of a cluster, once it has one.
    ///
    /// - Parameter founding: what the first start agreed on; its log is made, and then the identity is written.
    /// - Throws: also if the directory drew another incarnation than the one that was agreed on.
    func readIdentity(of founding: ReplicationOptions.Founding) throws(EngineError) -> DirectoryIdentity? {
        switch try readState() {
        case .founded(let identity): return identity
        case .unfounded(let identity) where identity.incarnation == founding.incarnation: break
        case .unfounded(let identity):
            throw EngineError(
                .damaged,
                "\(path): the directory is incarnation \(identity.incarnation.value), and the cluster was founded with "
                    + "\(founding.incarnation.value)")
        case nil: break
        }
        try discardUnusedLog()
        return nil
    }

    /// A start that ended between the making of the log and the writing of the identity leaves a log in which nothing
    /// was promised or accepted. The cluster may have been founded anew since, under another name.
    private func discardUnusedLog() throws(EngineError) {
        try refuseProposals()
        do throws(FileError) {
            let names = try fileSystem.list(logPath)
            for name in names { try fileSystem.remove(logPath.appending(name)) }
            if !names.isEmpty { try fileSystem.syncDirectory(logPath) }
        } catch {
            throw EngineError(file: error, purpose: "a log that was begun cannot be removed")
        }
    }

    /// A log that holds anything belongs to an identity that somebody took away.
    private func refuseProposals() throws(EngineError) {
        let log: RecoveredLog
        do throws(FileError) {
            if try fileSystem.list(logPath).isEmpty { return }
        } catch {
            throw EngineError(file: error, purpose: "the log's directory cannot be read")
        }
        do throws(LogError) {
            log = try DurableLog.inspect(
                fileSystem: fileSystem, directory: logPath, policy: .alone, firstSlotNeeded: .none)
        } catch {
            // Files that are no segments hold nothing.
            if case .missing = error { return }
            throw EngineError(log: error)
        }
        guard log.highestSlot == .none, log.promised == .none else {
            throw EngineError(
                .damaged,
                "\(path): the file \"identity\" is missing, but \(logPath) holds promises or proposals, up to slot "
                    + "\(log.highestSlot.rawValue): put the file back from a backup")
        }
    }

    /// Lets other processes in again.
    package func release() { lock.release() }
}

extension EngineError {
    /// From an error of the file system: what it was for, then file, operation and cause.
    init(file error: FileError, purpose: String) {
        let kind: Kind = error.isOutOfSpace ? .diskFull : .directoryNotUsable
        self.init(kind, "\(purpose): \(error)")
    }
}
