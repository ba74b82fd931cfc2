import CoreTypes
import ZooKeeperWire

/// A client of a simulation: it has a session, one connection at a time, and keeps what ZooKeeper's client keeps.
struct SimulatedClient {
    enum Phase {
        case away
        case connecting
        case served
        /// It asked for the end of its session.
        case closing
    }

    let index: Int
    var phase = Phase.away
    var session = SessionID.none
    var password = SessionPassword.zero
    /// Its number.
    var connection: Int?
    /// Operations under way, oldest first, and when they were sent.
    var outstanding: [(operation: Int, sentAt: SimulatedTime)] = []
    /// Of the headers of answers, the highest.
    var lastZxid = Zxid.zero
    var watches: [KeptWatch] = []
    var connectedAt = SimulatedTime.zero
    var lastSentAt = SimulatedTime.zero
    /// It does not come back before.
    var awayUntil = SimulatedTime.zero
    /// Znodes whose names it learned, youngest last.
    var made: [PathID] = []
    /// What is left to do in the liveness phase: a write that is answered.
    var owesWrite = false
    /// What it reads at the end, each with a sync before it.
    var finalReads: [PathID] = []

    init(index: Int) { self.index = index }
}

/// What is known of a session from its client's side.
struct KnownSession {
    var client: Int
    /// The last step at which its client was told something: it lived then.
    var lastAnswer: Step
    var closeAsked: Step?
    var hasEnded = false
}
