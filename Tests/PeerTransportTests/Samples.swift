import Consensus
import CoreTypes

@testable import PeerTransport

let secret: [UInt8] = Array("the secret of all tests".utf8)
let otherSecret: [UInt8] = Array("the secret of somebody else".utf8)

func number(_ replica: UInt8) -> ReplicaID { ReplicaID(rawValue: replica) }

func facts(_ replica: UInt8, cluster: UInt64? = 7, membership: [UInt8] = [1, 2, 3]) -> PeerFacts {
    PeerFacts(
        cluster: cluster.map { Identifier128(high: 0, low: $0) },
        identity: ReplicaIdentity(
            replica: number(replica), incarnation: Incarnation(Identifier128(high: 1, low: UInt64(replica)))),
        membership: membership, voters: [number(1), number(2), number(3)])
}

func terms(
    _ replica: UInt8, cluster: UInt64? = 7, secret: [UInt8]? = secret, nonce: UInt8? = nil, peers: [UInt8] = [1, 2, 3]
) -> Handshake.Terms {
    Handshake.Terms(
        facts: facts(replica, cluster: cluster), secret: secret,
        peers: peers.filter { $0 != replica }.map(number),
        nonce: [UInt8](repeating: nonce ?? replica, count: Greeting.nonceByteCount))
}

func greeting(_ replica: UInt8, to receiver: UInt8, secret isSecret: Bool = true) -> [UInt8] {
    let builder = ByteBuilder()
    Greeting(
        hasSecret: isSecret, nonce: [UInt8](repeating: replica, count: Greeting.nonceByteCount),
        receiver: number(receiver), facts: facts(replica)
    ).append(to: builder)
    return array(builder.bytes)
}

func frame(_ body: [UInt8], number: UInt64) -> [UInt8] {
    let header = FrameHeader(of: body.span.bytes, number: number)
    let builder = ByteBuilder()
    builder.append(littleEndian: UInt32(body.count))
    builder.append(littleEndian: header.checksum)
    builder.append(body.span.bytes)
    return array(builder.bytes)
}

func array(_ span: RawSpan) -> [UInt8] { span.withUnsafeBytes { [UInt8]($0) } }

extension Handshake {
    /// Takes bytes until no more of them can be used.
    ///
    /// - Returns: the last outcome, and how many bytes were used.
    mutating func take(all bytes: [UInt8]) -> (outcome: Outcome, byteCount: Int) {
        var used = 0
        while true {
            let rest = [UInt8](bytes[used...])
            let (outcome, byteCount) = take(rest.span.bytes)
            used += byteCount
            if outcome != .proceeded { return (outcome, used) }
        }
    }

    mutating func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }
}
