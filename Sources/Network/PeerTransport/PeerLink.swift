import CoreTypes
import NIOCore

/// What a transport keeps for one peer.
final class PeerLink {
    let replica: ReplicaID
    let address: PeerAddress
    /// The connection that was welcomed last, until its end was reported.
    var connection: PeerConnection?
    /// The connection that this side dialled, until it ended. Only for peers with a lower number.
    var dialled: PeerConnection?
    /// Attempts since the last connection that lasted.
    var failedCount = 0
    /// The next attempt.
    var redial: Scheduled<Void>?

    init(replica: ReplicaID, address: PeerAddress) {
        self.replica = replica
        self.address = address
    }

    /// Milliseconds until the next attempt: doubled each time, and between half and all of that, so that peers do not
    /// dial in step; never less than the least.
    func redialMilliseconds(_ options: PeerTransportOptions, using random: inout some RandomNumberGenerator) -> Int {
        let doubled = options.redialMillisecondsMin << min(failedCount, 16)
        let most = min(doubled, options.redialMillisecondsMax)
        return max(options.redialMillisecondsMin, Int.random(in: (most / 2)...most, using: &random))
    }
}
