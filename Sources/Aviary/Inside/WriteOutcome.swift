internal import CoreTypes
internal import ZooKeeperWire

/// How a write ended, as the engine's thread tells the one who waits.
enum WriteOutcome: Sendable {
    /// It was applied, or refused at apply: ZooKeeper's error, and what follows the reply header.
    case applied(error: ErrorCode, body: ResultBody)
    /// It was not taken: the disk is full.
    case diskFull
    /// The session is over.
    case sessionOver
    /// The engine stopped; whether the write took effect is not known.
    case stopped(String)
}

typealias WriteCompletion = UnsafeContinuation<WriteOutcome, Never>
