package import CoreTypes
package import ZnodeTree

/// What stands between the engine and those who use it: the server's connections, or the embedded API.
///
/// The engine calls it on the driver's thread only, and never from inside a call of the gateway into the engine, except
/// where a method of the engine says so. For one attachment the calls come in the order in which its replies must
/// leave: the events of a slot before the results of its commands, whose effects are all visible by then.
package protocol ClientGateway: AnyObject {
    /// A command that this gateway submitted was executed, skipped or refused at apply.
    ///
    /// - Parameter body: what follows the reply header on the wire; empty after an error. Valid during the call only.
    func commandApplied(_ result: CommandResult, body: RawSpan)

    /// A session of one of this gateway's attachments was opened, attached, refused, closed, expired or moved away.
    func sessionEvent(_ event: SessionEvent)

    /// A watch fired. Comes before the result of the command that fired it.
    ///
    /// - Parameters:
    ///   - path: the path of the event; valid during the call only.
    ///   - watchers: those of this gateway's attachments that watch it, each once.
    func watchFired(_ event: TreeEvent, path: RawSpan, watchers: [AttachmentID])

    /// A barrier that `ReplicaEngine.barrier` set is reached: everything accepted before it is applied here.
    func barrierReached(_ attachment: AttachmentID, token: UInt64)

    /// The engine takes fewer inputs (true) or as many as before (false): a gateway stops reading while it is congested.
    func congestionChanged(_ isCongested: Bool)

    /// This replica is too far behind for values and takes a snapshot of another one (false): connections are closed, and
    /// none is taken, until it has it (true). What was submitted and not answered will not be.
    func servingChanged(_ isServing: Bool)

    /// The results of a batch are all delivered: replies that were collected may leave now, in one write a connection.
    func batchEnded()

    /// The engine stopped serving for good, for the reason given: no command will be answered any more.
    func engineStopped(_ reason: String)
}
