import CoreTypes
import Testing

@testable import PeerTransport

@Suite("Handshakes")
struct HandshakeTests {
    /// Carries the bytes of both sides until neither has any more to say.
    private func meet(_ dialler: inout Handshake, _ acceptor: inout Handshake) -> (Handshake.Outcome, Handshake.Outcome)
    {
        var outcomes: (Handshake.Outcome, Handshake.Outcome) = (.needsMore, .needsMore)
        while true {
            let forth = dialler.takeOutput()
            if !forth.isEmpty { outcomes.1 = acceptor.take(all: forth).outcome }
            let back = acceptor.takeOutput()
            if !back.isEmpty { outcomes.0 = dialler.take(all: back).outcome }
            if forth.isEmpty, back.isEmpty { return outcomes }
        }
    }

    private func meet(_ dialling: Handshake.Terms, _ target: UInt8, _ accepting: Handshake.Terms) -> (
        Handshake.Outcome, Handshake.Outcome
    ) {
        var dialler = Handshake(dialling: number(target), dialling)
        var acceptor = Handshake(accepting: accepting)
        return meet(&dialler, &acceptor)
    }

    @Test("two that share a secret, or both none, learn each other's facts", arguments: [secret, nil])
    func success(secret: [UInt8]?) {
        let (dialler, acceptor) = meet(terms(2, secret: secret), 1, terms(1, secret: secret))
        #expect(dialler == .proved(facts(1)))
        #expect(acceptor == .proved(facts(2)))
    }

    @Test("one that is not founded meets one that is")
    func unfounded() {
        let (dialler, acceptor) = meet(terms(2, cluster: nil), 1, terms(1))
        #expect(dialler == .proved(facts(1)))
        #expect(acceptor == .proved(facts(2, cluster: nil)))
    }

    @Test("what does not fit is refused by the acceptor, which has proved nothing by then")
    func refusedByAcceptor() {
        let rows: [(Handshake.Terms, UInt8, Handshake.Terms, Refusal)] = [
            (terms(2, secret: otherSecret), 1, terms(1), .badProof),
            (terms(2, secret: nil), 1, terms(1), .secretOnOneSide(here: true)),
            (terms(2), 1, terms(1, secret: nil), .secretOnOneSide(here: false)),
            (terms(2, cluster: 8), 1, terms(1), .otherCluster(number(2))),
            (terms(3), 1, terms(2), .otherReceiver(number(1))),
            (terms(4, peers: [1, 2]), 1, terms(1), .unknownReplica(number(4))),
            (terms(1), 2, terms(2), .wrongDirection(number(1))),
        ]
        for (dialling, target, accepting, refusal) in rows {
            var dialler = Handshake(dialling: number(target), dialling)
            var acceptor = Handshake(accepting: accepting)
            var outcome = acceptor.take(all: dialler.takeOutput()).outcome
            if outcome == .needsMore {
                let answered = dialler.take(all: acceptor.takeOutput()).outcome
                #expect(answered == .needsMore)
                outcome = acceptor.take(all: dialler.takeOutput()).outcome
            }
            #expect(outcome == .refused(refusal))
            #expect(acceptor.output.isEmpty)
        }
    }

    @Test("what does not fit is refused by the dialler, before it proves anything")
    func refusedByDialler() {
        let rows: [(Handshake.Terms, [UInt8], Refusal)] = [
            (terms(3), greeting(2, to: 3), .otherSender(number(2))),
            (terms(3), greeting(1, to: 2), .otherReceiver(number(2))),
            (terms(3, cluster: 8), greeting(1, to: 3), .otherCluster(number(1))),
            (terms(3), greeting(1, to: 3, secret: false), .secretOnOneSide(here: true)),
            (terms(3), Array("HTTP/1.1 400 Bad Request".utf8), .foreign),
        ]
        for (dialling, answer, refusal) in rows {
            var dialler = Handshake(dialling: number(1), dialling)
            _ = dialler.takeOutput()
            let outcome = dialler.take(all: answer).outcome
            #expect(outcome == .refused(refusal))
            #expect(dialler.output.isEmpty)
        }
    }

    @Test("an acceptor without the secret does not get past the dialler")
    func falseAcceptor() {
        var dialler = Handshake(dialling: number(1), terms(2))
        _ = dialler.takeOutput()
        let first = dialler.take(all: greeting(1, to: 2)).outcome
        #expect(first == .needsMore)
        let proof = [Proof.kind] + Proof.code(of: .acceptor, greetings: [], secret: otherSecret)
        let second = dialler.take(all: proof).outcome
        #expect(second == .refused(.badProof))
    }

    @Test("a proof sent back to the one who made it is refused")
    func reflected() {
        var dialler = Handshake(dialling: number(1), terms(2))
        _ = dialler.takeOutput()
        _ = dialler.take(all: greeting(1, to: 2))
        let outcome = dialler.take(all: dialler.takeOutput()).outcome
        #expect(outcome == .refused(.badProof))
    }

    @Test("what one dialler said does not serve another time")
    func replayed() {
        var dialler = Handshake(dialling: number(1), terms(2))
        var acceptor = Handshake(accepting: terms(1))
        let first = dialler.takeOutput()
        _ = acceptor.take(all: first)
        _ = dialler.take(all: acceptor.takeOutput())
        let recorded = first + dialler.takeOutput()
        let before = acceptor.take(all: [UInt8](recorded[first.count...])).outcome
        #expect(before == .proved(facts(2)))
        var again = Handshake(accepting: terms(1, nonce: 99))
        let outcome = again.take(all: recorded).outcome
        #expect(outcome == .refused(.badProof))
    }

    @Test("facts that were changed on the way are refused")
    func changed() {
        var dialler = Handshake(dialling: number(1), terms(2))
        var acceptor = Handshake(accepting: terms(1))
        var first = dialler.takeOutput()
        first[first.count - 1] ^= 1
        let taken = acceptor.take(all: first).outcome
        #expect(taken == .needsMore)
        _ = dialler.take(all: acceptor.takeOutput())
        let outcome = acceptor.take(all: dialler.takeOutput()).outcome
        #expect(outcome == .refused(.badProof))
    }

    @Test("the bytes may come one by one, and frames right behind them are left alone")
    func pieces() {
        var dialler = Handshake(dialling: number(1), terms(2))
        var acceptor = Handshake(accepting: terms(1))
        var pieces: [UInt8] = []
        for byte in dialler.takeOutput() {
            pieces.append(byte)
            let (outcome, byteCount) = acceptor.take(pieces.span.bytes)
            #expect(outcome == .needsMore || outcome == .proceeded && byteCount == pieces.count)
        }
        var answer = acceptor.takeOutput()
        _ = dialler.take(all: answer)
        _ = acceptor.take(all: dialler.takeOutput())
        answer = acceptor.takeOutput() + frame([9], number: 0)
        let (outcome, byteCount) = dialler.take(all: answer)
        #expect(outcome == .proved(facts(1)) && byteCount == Proof.byteCount)
    }

    @Test("whoever is refused learns why, in plain text")
    func rejection() {
        let builder = ByteBuilder()
        Rejection.append("not\u{7}here", to: builder)
        let bytes = array(builder.bytes)
        for count in 1..<bytes.count {
            var dialler = Handshake(dialling: number(1), terms(2))
            let outcome = dialler.take(all: [UInt8](bytes[..<count])).outcome
            #expect(outcome == .needsMore)
        }
        var dialler = Handshake(dialling: number(1), terms(2))
        let outcome = dialler.take(all: bytes).outcome
        #expect(outcome == .refused(.byPeer("not?here")))
        var acceptor = Handshake(accepting: terms(1))
        let foreign = acceptor.take(all: bytes).outcome
        #expect(foreign == .refused(.foreign))
    }

    @Test("a greeting is encoded as ever")
    func golden() {
        let head = "4156494152595052" + "0100" + "0200" + "0100" + "4c00"
        let nonce = String(repeating: "02", count: 32)
        let identity = "02" + "0100000000000000" + "0200000000000000"
        let cluster = "01" + "0000000000000000" + "0700000000000000"
        let expected = head + nonce + "01" + identity + cluster + "03010203" + "0300010203"
        let actual = greeting(2, to: 1).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(actual == expected)
        let proof = Proof.code(of: .dialler, greetings: [1, 2, 3], secret: secret)
        #expect(proof.count == 32 && proof != Proof.code(of: .acceptor, greetings: [1, 2, 3], secret: secret))
    }

    @Test("changed and random bytes never trap and never prove anything", arguments: [1, 2, 3])
    func fuzz(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let whole = greeting(2, to: 1)
        var refused = 0
        for _ in 0..<20_000 {
            var bytes = whole
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
                    UInt8(truncatingIfNeeded: random.next())
                }
            case 1: bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
            case 2: bytes += (0..<40).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            default: break
            }
            for _ in 0..<Int.random(in: 0..<4, using: &random) where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8(truncatingIfNeeded: random.next())
            }
            var acceptor = Handshake(accepting: terms(1))
            switch acceptor.take(all: bytes).outcome {
            case .proved:
                Issue.record("seed \(seed): \(bytes) was taken")
                return
            case .refused: refused += 1
            case .needsMore, .proceeded: break
            }
        }
        #expect(refused > 5_000)
    }

    @Test("facts are decoded to what was encoded, and nothing else is taken")
    func codec() {
        for sample in [facts(1), facts(254, cluster: nil), facts(3, membership: [])] {
            let builder = ByteBuilder()
            sample.append(to: builder)
            let bytes = array(builder.bytes)
            let decoded = PeerFacts(bytes.span.bytes)
            #expect(decoded == sample)
            for count in 0..<bytes.count {
                let short = PeerFacts([UInt8](bytes[..<count]).span.bytes)
                #expect(short == nil)
            }
            let long = PeerFacts((bytes + [0]).span.bytes)
            #expect(long == nil)
        }
    }

    @Test("a greeting says how long it is, and too long is too long at once")
    func long() {
        var bytes = greeting(2, to: 1)
        bytes[14] = 0xFF
        bytes[15] = 0xFF
        var acceptor = Handshake(accepting: terms(1))
        let outcome = acceptor.take(all: [UInt8](bytes[..<16])).outcome
        #expect(outcome == .refused(.tooLong(byteCount: 65_551)))
        bytes = greeting(2, to: 1)
        bytes[8] = 9
        var other = Handshake(accepting: terms(1))
        let version = other.take(all: [UInt8](bytes[..<16])).outcome
        #expect(version == .refused(.version(9, messages: 2)))
    }
}
