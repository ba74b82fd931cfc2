package import CoreTypes
package import ZnodeTree

/// Sees everything that a replica applies: for a simulation, which compares it with what others apply.
package protocol ApplyObserver: AnyObject {
    /// A slot was applied, and nobody has been told of its results yet.
    ///
    /// - Parameters:
    ///   - proposal: empty for a no-op.
    ///   - output: the results of all its commands, whoever submitted them.
    func applied(_ slot: Slot, proposal: RawSpan, lastZxid: Zxid, output: ApplyOutput)
}
