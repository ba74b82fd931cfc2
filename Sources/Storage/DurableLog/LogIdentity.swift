package import CoreTypes

/// Whose log it is; every segment carries it.
package struct LogIdentity: Hashable, Sendable {
    package var clusterID: ClusterID
    package var incarnation: Incarnation

    package init(clusterID: ClusterID, incarnation: Incarnation) {
        self.clusterID = clusterID
        self.incarnation = incarnation
    }

    /// Draws a new cluster and a new incarnation.
    package init(using generator: inout some RandomNumberGenerator) {
        clusterID = ClusterID(Identifier128(using: &generator))
        incarnation = Incarnation(Identifier128(using: &generator))
    }
}
