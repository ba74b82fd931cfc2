package import CoreTypes

/// One request of one client, from its invocation to its response.
package struct Operation: Hashable, Sendable {
    package enum Outcome: UInt8, Sendable {
        /// No answer came: it may have been executed, may yet be, or never.
        case unknown
        /// It was executed; failing is a way to be executed.
        case answered
        /// The answer says that it was not executed, and never will be. It took no zxid.
        case refused
    }

    package var client: UInt32
    package var session: SessionID
    /// Where the client sent it.
    package var replica: ReplicaID
    package var invoked: Step
    /// `never` as long as nothing came back. Invariant: later than `invoked`.
    package var responded: Step = .never
    package var outcome: Outcome = .unknown
    package var isMulti: Bool
    /// A read that follows a sync: both together are one operation, which is linearizable.
    package var isSynced: Bool
    package var isWrite: Bool
    /// Of the reply's header: a write's own, and for a read the last one that the state it saw contains. `zero` until
    /// it is answered.
    package var zxid: Zxid = .zero
    /// Its actions in `History.actions`, and their results in `History.results`. Invariant: never empty.
    package var actions: Range<Int>
}
