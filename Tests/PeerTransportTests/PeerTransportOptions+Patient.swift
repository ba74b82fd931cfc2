@testable import PeerTransport

extension PeerTransportOptions {
    /// Longer than any test waits: on a machine that does other things nothing ends for want of time, but what a test
    /// is about.
    static var patient: PeerTransportOptions {
        var options = PeerTransportOptions()
        options.handshakeMillisecondsMax = 120_000
        options.unacknowledgedMillisecondsMax = 120_000
        return options
    }
}
