import Consensus
import CoreTypes
import PeerWire

/// The first bytes of either side of a connection between replicas:
///
/// ```
/// 0        8       10       12      14       16                48       49
/// +--------+--------+--------+-------+--------+-----------------+--------+-------
/// | magic  | u16    | u16    | u16   | u16    | nonce, 32 bytes | u8     | facts
/// |AVIARYPR|version |messages| flags | follow |                 |receiver|
/// +--------+--------+--------+-------+--------+-----------------+--------+-------
/// ```
///
/// The first 16 bytes, and `Rejection`, stay as they are in every version, so that any two can tell each other why they
/// part.
struct Greeting: Equatable {
    static let magic: [UInt8] = Array("AVIARYPR".utf8)
    /// Of handshake and frames. That of the messages in them is `PeerWire.version`.
    static let version: UInt16 = 1
    static var messagesVersion: UInt16 { PeerWire.version }
    static let headByteCount = 16
    static let nonceByteCount = 32
    private static let factsOffset = headByteCount + nonceByteCount + 1
    private static let secretFlag: UInt16 = 1

    /// The sender shares a secret with the other replicas.
    var hasSecret: Bool
    /// 32 bytes never used before.
    var nonce: [UInt8]
    /// To whom this is said.
    var receiver: ReplicaID
    /// Of the sender.
    var facts: PeerFacts

    func append(to builder: ByteBuilder) {
        invariant(nonce.count == Greeting.nonceByteCount, "a nonce of \(nonce.count) bytes")
        let start = builder.count
        builder.append(Greeting.magic.span.bytes)
        builder.append(littleEndian: Greeting.version)
        builder.append(littleEndian: PeerWire.version)
        builder.append(littleEndian: hasSecret ? Greeting.secretFlag : 0)
        builder.append(littleEndian: UInt16(0))
        builder.append(nonce.span.bytes)
        builder.append(littleEndian: receiver.rawValue)
        facts.append(to: builder)
        let follow = builder.count - start - Greeting.headByteCount
        builder.overwrite(at: start + 14, littleEndian: UInt16(follow))
    }

    /// What bytes from outside turn out to be.
    enum Reading: Equatable {
        /// A greeting so far.
        case needsMore
        /// This many bytes are a greeting.
        case whole(Greeting, byteCount: Int)
        case refused(Refusal)
    }

    static func read(_ bytes: RawSpan) -> Reading {
        for index in 0..<min(bytes.byteCount, magic.count)
        where bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self) != magic[index] {
            return .refused(.foreign)
        }
        guard bytes.byteCount >= headByteCount else { return .needsMore }
        let version = bytes.uint16(at: 8)
        let messages = bytes.uint16(at: 10)
        guard version == Greeting.version, messages == PeerWire.version else {
            return .refused(.version(version, messages: messages))
        }
        let flags = bytes.uint16(at: 12)
        let byteCount = headByteCount + Int(bytes.uint16(at: 14))
        guard byteCount <= Limits.peerGreetingByteCountMax else { return .refused(.tooLong(byteCount: byteCount)) }
        guard flags & ~secretFlag == 0, byteCount > factsOffset else { return .refused(.malformed) }
        guard bytes.byteCount >= byteCount else { return .needsMore }
        guard let facts = PeerFacts(bytes.extracting(factsOffset..<byteCount)) else { return .refused(.malformed) }
        let nonce = bytes.extracting(headByteCount..<(headByteCount + nonceByteCount)).withUnsafeBytes { [UInt8]($0) }
        let receiver = ReplicaID(rawValue: bytes.unsafeLoad(fromByteOffset: factsOffset - 1, as: UInt8.self))
        return .whole(
            Greeting(hasSecret: flags == secretFlag, nonce: nonce, receiver: receiver, facts: facts),
            byteCount: byteCount)
    }
}
