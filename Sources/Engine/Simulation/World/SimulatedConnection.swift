import CoreTypes

/// One connection of a simulated client, as its replica sees it: what the server's `ConnectionStateMachine` knows, and
/// in the same order. The world moves the messages.
final class SimulatedConnection {
    enum Phase {
        /// Its session is being opened or attached.
        case connecting
        case served
        /// Nothing more is taken; what was taken is answered.
        case closing
        case closed
    }

    /// What a request waits for.
    enum Awaits: Equatable {
        case command(sequence: UInt64)
        case barrier(token: UInt64)
        case turn
        case close
        /// It was refused, and is told in its turn.
        case turnToRefuse
    }

    struct Outstanding {
        var operation: Int
        var awaits: Awaits
    }

    let number: Int
    let client: Int
    /// The place of its replica.
    let replica: Int
    var phase = Phase.connecting
    var session = SessionID.none
    var attachment = AttachmentID.none
    var timeoutMilliseconds: UInt32 = 0
    var queue: [Outstanding] = []
    var nextSequence: UInt64 = 1
    var nextToken: UInt64 = 1
    /// The engine's batch that took this connection's last command or barrier.
    var lastBatchNumber: UInt64 = 0
    /// The last message each way arrives then.
    var lastArrivalThere = SimulatedTime.zero
    var lastArrivalBack = SimulatedTime.zero

    init(number: Int, client: Int, replica: Int) {
        self.number = number
        self.client = client
        self.replica = replica
    }
}
