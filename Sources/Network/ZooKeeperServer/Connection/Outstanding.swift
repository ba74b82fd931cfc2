import CoreTypes
import ZooKeeperWire

/// A request that was taken and is not answered yet.
struct Outstanding: Equatable {
    /// What it waits for.
    enum Awaits: Equatable {
        /// The result of the command with this sequence.
        case command(sequence: UInt64)
        /// The barrier with this token.
        case barrier(token: UInt64)
        /// Only the requests before it; its body was kept.
        case turn
        /// Only the requests before it; what it is answered with is known.
        case turnToFail(ErrorCode)
    }

    var xid: Int32
    var operation: OpCode
    /// When it was received, in nanoseconds of the monotonic clock.
    var receivedAt: Int64
    var awaits: Awaits
}
