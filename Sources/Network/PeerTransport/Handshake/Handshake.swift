import Consensus
import CoreTypes

/// How two replicas get to know each other, as a value: bytes in, bytes out and an outcome.
///
/// 1. The dialler sends its greeting: a fresh nonce, whom it wants, and its facts.
/// 2. The acceptor checks it, and answers with its own greeting.
/// 3. The dialler checks that, and sends its proof over both greetings.
/// 4. The acceptor checks the proof; only then does it send its own. It regards the connection as made.
/// 5. The dialler checks the acceptor's proof, and regards the connection as made.
///
/// Frames may follow each side's proof at once, in the same bytes. Whoever finds something wrong says so by a
/// `Rejection`, if the other side is a replica at all, and closes.
struct Handshake {
    /// What this side knows beforehand.
    struct Terms {
        var facts: PeerFacts
        /// Nil: none is shared.
        var secret: [UInt8]?
        /// The replicas that the configuration names, without this one.
        var peers: [ReplicaID]
        /// 32 random bytes, for one handshake.
        var nonce: [UInt8]

        var ownReplica: ReplicaID { facts.identity.replica }
    }

    enum Outcome: Equatable {
        /// The bytes are the beginning of what must come.
        case needsMore
        /// Something was used up, more may follow.
        case proceeded
        /// The peer is who it says. For the acceptor `output` now ends with its own proof.
        case proved(PeerFacts)
        case refused(Refusal)
    }

    private enum Phase {
        case awaitingGreeting
        case awaitingProof(PeerFacts)
        case ended
    }

    private let terms: Terms
    private let side: Proof.Side
    /// Whom the dialler dialled; none for the acceptor.
    private let target: ReplicaID
    private var phase = Phase.awaitingGreeting
    /// The greetings so far, the dialler's first.
    private var greetings: [UInt8] = []
    /// To be sent, and emptied, by the owner.
    var output: [UInt8] = []

    /// Of the side that connects: begins with its greeting in `output`.
    init(dialling target: ReplicaID, _ terms: Terms) {
        self.terms = terms
        self.target = target
        side = .dialler
        greet(target)
    }

    /// Of the side that is connected to.
    init(accepting terms: Terms) {
        self.terms = terms
        target = .none
        side = .acceptor
    }

    /// Takes the next part of what the other side sent.
    ///
    /// - Returns: what came of it, and how many bytes it used up: none of those that are needed again.
    mutating func take(_ bytes: RawSpan) -> (outcome: Outcome, byteCount: Int) {
        guard bytes.byteCount > 0 else { return (.needsMore, 0) }
        let first = bytes.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
        switch phase {
        case .ended:
            return (.needsMore, 0)
        case .awaitingGreeting where first == Rejection.kind && side == .dialler,
            .awaitingProof where first == Rejection.kind:
            guard let text = Rejection.read(bytes) else { return (.needsMore, 0) }
            return (refuse(.byPeer(text)), bytes.byteCount)
        case .awaitingGreeting:
            switch Greeting.read(bytes) {
            case .needsMore: return (.needsMore, 0)
            case .refused(let refusal): return (refuse(refusal), bytes.byteCount)
            case .whole(let greeting, let byteCount):
                return (received(greeting, bytes.extracting(0..<byteCount)), byteCount)
            }
        case .awaitingProof(let facts):
            guard first == Proof.kind else { return (refuse(.malformed), bytes.byteCount) }
            guard bytes.byteCount >= Proof.byteCount else { return (.needsMore, 0) }
            let code = bytes.extracting(1..<Proof.byteCount).withUnsafeBytes { [UInt8]($0) }
            return (received(proof: code, of: facts), Proof.byteCount)
        }
    }

    private mutating func received(_ greeting: Greeting, _ bytes: RawSpan) -> Outcome {
        if let refusal = check(greeting) { return refuse(refusal) }
        greetings += bytes.withUnsafeBytes { [UInt8]($0) }
        switch side {
        case .acceptor: greet(greeting.facts.identity.replica)
        case .dialler: prove()
        }
        phase = .awaitingProof(greeting.facts)
        return .proceeded
    }

    private mutating func received(proof code: [UInt8], of facts: PeerFacts) -> Outcome {
        guard Proof.isValid(code, of: side.opposite, greetings: greetings, secret: terms.secret) else {
            return refuse(.badProof)
        }
        if side == .acceptor { prove() }
        phase = .ended
        return .proved(facts)
    }

    private func check(_ greeting: Greeting) -> Refusal? {
        let replica = greeting.facts.identity.replica
        if greeting.hasSecret != (terms.secret != nil) { return .secretOnOneSide(here: terms.secret != nil) }
        if side == .dialler, replica != target { return .otherSender(replica) }
        if greeting.receiver != terms.ownReplica { return .otherReceiver(greeting.receiver) }
        if !terms.peers.contains(replica) { return .unknownReplica(replica) }
        if side == .acceptor, replica < terms.ownReplica { return .wrongDirection(replica) }
        if let theirs = greeting.facts.cluster, let own = terms.facts.cluster, theirs != own {
            return .otherCluster(replica)
        }
        return nil
    }

    private mutating func greet(_ receiver: ReplicaID) {
        let builder = ByteBuilder(capacity: 512)
        Greeting(hasSecret: terms.secret != nil, nonce: terms.nonce, receiver: receiver, facts: terms.facts)
            .append(to: builder)
        let bytes = builder.bytes.withUnsafeBytes { [UInt8]($0) }
        greetings += bytes
        output += bytes
    }

    private mutating func prove() {
        output.append(Proof.kind)
        output += Proof.code(of: side, greetings: greetings, secret: terms.secret)
    }

    private mutating func refuse(_ refusal: Refusal) -> Outcome {
        phase = .ended
        return .refused(refusal)
    }
}
