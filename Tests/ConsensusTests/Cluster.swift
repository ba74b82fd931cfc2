import Consensus
import CoreTypes

/// The identity of a test's replica in its first incarnation.
func identity(_ number: UInt8, life: UInt64 = 1) -> ReplicaIdentity {
    ReplicaIdentity(
        replica: ReplicaID(rawValue: number), incarnation: Incarnation(Identifier128(high: UInt64(number), low: life)))
}
