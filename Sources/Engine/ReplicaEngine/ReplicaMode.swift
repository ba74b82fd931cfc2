/// What a replica is, in ZooKeeper's words.
package enum ReplicaMode: String, Sendable {
    case standalone
    case leader
    case follower
    case observer
    /// Nobody leads that this replica knows of; clients wait.
    case electing = "leaderelection"
}
