import Consensus
import CoreTypes
import Logging
import NIOCore
import PeerWire

@testable import PeerTransport

/// A replica without an engine: a transport, and a delegate that keeps what it is told.
///
/// Confined to its event loop; tests reach it through `RunningStation`.
final class Station: PeerTransportDelegate {
    enum Event: Equatable {
        case connected(UInt8)
        case disconnected(UInt8)
    }

    var facts: PeerFacts
    var events: [Event] = []
    var received: [UInt8: [[UInt8]]] = [:]
    var seen: [PeerFacts] = []
    var readCompleteCount = 0
    var isInCall = false
    /// Why no peer is welcome.
    var refusal: String?
    /// Sent to every peer as soon as it is connected.
    var greetings: [[UInt8]] = []
    /// Every body is sent back.
    var echoes = false
    /// Set right after `init`.
    var transport: PeerTransport?

    init(facts: PeerFacts) { self.facts = facts }

    func ownFacts() -> PeerFacts { facts }

    func peerConnected(_ facts: PeerFacts) -> String? {
        check()
        seen.append(facts)
        if let refusal { return refusal }
        events.append(.connected(facts.identity.replica.rawValue))
        for body in greetings { send(body, to: facts.identity.replica) }
        flush()
        return nil
    }

    func peerDisconnected(_ replica: ReplicaID) {
        check()
        events.append(.disconnected(replica.rawValue))
    }

    func peerReceived(_ body: RawSpan, from identity: ReplicaIdentity) throws(PeerWireError) {
        check()
        let bytes = array(body)
        if bytes == Array("malformed".utf8) { throw PeerWireError(.badPayload, offset: 0) }
        received[identity.replica.rawValue, default: []].append(bytes)
        if echoes { send(bytes, to: identity.replica) }
    }

    func peerReadComplete() {
        check()
        readCompleteCount += 1
        flush()
    }

    /// The transport promised not to call back from within a call.
    private func check() { invariant(!isInCall, "the transport called back from within a call") }

    func send(_ body: [UInt8], to replica: ReplicaID) {
        isInCall = true
        transport?.send(body.span.bytes, to: replica)
        isInCall = false
    }

    func sendUnhurried(_ body: [UInt8], to replica: ReplicaID) {
        isInCall = true
        transport?.sendUnhurried(body.span.bytes, to: replica)
        isInCall = false
    }

    func sendLater(_ body: [UInt8], to replica: ReplicaID) {
        isInCall = true
        transport?.sendLater(body.span.bytes, to: replica)
        isInCall = false
    }

    func flush() {
        isInCall = true
        transport?.flush()
        isInCall = false
    }

    func isConnected(to replicas: UInt8...) -> Bool {
        replicas.allSatisfy { transport?.isConnected(to: number($0)) == true }
    }

    var counters: PeerTransportCounters { transport?.counters ?? PeerTransportCounters() }
}
