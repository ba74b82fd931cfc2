/// Transaction numbers of a connection that mean something by themselves. Source: `ClientCnxn`.
package enum SpecialXid {
    /// The header of a watch event.
    package static let notification: Int32 = -1
    /// The xid of a ping and of its reply.
    package static let ping: Int32 = -2
    /// What clients send auth packets with; any other number is answered too.
    package static let auth: Int32 = -4
    /// What clients send setWatches and setWatches2 with.
    package static let setWatches: Int32 = -8
}
