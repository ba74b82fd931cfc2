package import CoreTypes

/// A replica says that it executed an operation, under a zxid. This is how the fate of operations becomes known whose
/// clients never heard of them.
package struct Execution: Hashable, Sendable {
    /// Its place in `History.operations`.
    package var operation: Int
    package var zxid: Zxid
    package var replica: ReplicaID

    package init(operation: Int, zxid: Zxid, replica: ReplicaID) {
        self.operation = operation
        self.zxid = zxid
        self.replica = replica
    }
}
