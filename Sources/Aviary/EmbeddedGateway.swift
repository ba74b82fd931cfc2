internal import CoreTypes
internal import DequeModule
internal import ReplicaEngine
internal import ZnodeTree

/// How a write ended, as the engine's thread tells the one who waits.
enum WriteOutcome: Sendable {
    /// It was applied; an error of ZooKeeper's in `error`, and what follows the reply header.
    case applied(error: ErrorCode, zxid: Zxid, body: [UInt8])
    /// It was not taken: the disk is full.
    case diskFull
    /// The engine stopped; whether the write took effect is not known.
    case stopped(String)
}

typealias WriteCompletion = UnsafeContinuation<WriteOutcome, Never>

/// The engine's gateway of an embedded store: results go to the continuations that wait for them.
///
/// The commands of one session are applied in the order they were submitted, so each session has a queue of those who
/// wait, and a result is for the first of its queue.
///
/// Thread: the engine's.
final class EmbeddedGateway: ClientGateway {
    private var sessions: [AttachmentID: LocalSession] = [:]
    private var openings: [AttachmentID: @Sendable (Result<LocalSession, AviaryError>) -> Void] = [:]
    private var watchStreams: [AttachmentID: WatchStream] = [:]
    private var barriers: [UInt64: @Sendable () -> Void] = [:]
    private var nextBarrier: UInt64 = 0
    private var stopReason: String?
}
