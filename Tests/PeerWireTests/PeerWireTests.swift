import Consensus
import CoreTypes
import Testing

@testable import PeerWire

@Suite("Messages of any bytes")
struct PeerWireTests {
    private func reason(of body: [UInt8]) -> PeerWireError.Reason? {
        do throws(PeerWireError) {
            _ = try Sample(decoding: body)
            return nil
        } catch {
            return error.reason
        }
    }

    private func body(_ name: String) throws -> [UInt8] {
        try #require(Sample.all.first { $0.name == name }).sample.encoded
    }

    @Test("what is encoded is decoded to the same", arguments: [1, 2, 3])
    func roundTrip(seed: UInt64) throws {
        var source = RandomSample(seed: seed)
        for _ in 0..<5_000 {
            let sample = source.next()
            let decoded = try Sample(decoding: sample.encoded)
            guard decoded == sample else {
                Issue.record("seed \(seed): \(sample) became \(decoded)")
                return
            }
        }
    }

    @Test("a message that is cut anywhere, or has a byte too many, is refused")
    func cut() throws {
        for (name, sample) in Sample.all {
            let body = sample.encoded
            // The payloads of these are opaque and may end anywhere.
            let isOpen =
                switch sample.message {
                case .forward, .formation, .snapshotPiece: true
                default: false
                }
            let whole = isOpen ? body.count - sample.payload.count : body.count
            for count in 0..<whole {
                let reason = reason(of: [UInt8](body[..<count]))
                #expect(reason != nil, "\(name) cut to \(count) bytes")
            }
            if !isOpen {
                let reason = reason(of: body + [0])
                #expect(reason != nil, "\(name) with a byte more")
            }
        }
    }

    @Test("changed bytes are refused or decoded to what encodes to them, and never trap", arguments: [11, 12, 13])
    func mutated(seed: UInt64) throws {
        var source = RandomSample(seed: seed)
        var refused = 0
        var taken = 0
        for _ in 0..<20_000 {
            var body = source.next().encoded
            for _ in 0..<Int.random(in: 1...3, using: &source.random) where !body.isEmpty {
                let index = Int.random(in: 0..<body.count, using: &source.random)
                switch Int.random(in: 0..<6, using: &source.random) {
                case 0: body[index] = 0xFF
                case 1: body[index] = 0
                case 2: body[index] ^= 1 << UInt8(source.random.next() & 7)
                case 3: body[index] = UInt8(truncatingIfNeeded: source.random.next())
                case 4: body.removeSubrange(index..<min(index + 3, body.count))
                default: body.insert(contentsOf: body[index..<min(index + 5, body.count)], at: index)
                }
            }
            do throws(PeerWireError) {
                let sample = try Sample(decoding: body)
                taken += 1
                guard sample.encoded == body else {
                    Issue.record("seed \(seed): \(body) was decoded to \(sample), which is encoded otherwise")
                    return
                }
            } catch {
                refused += 1
            }
        }
        #expect(refused > 1_000 && taken > 1_000, "\(refused) refused, \(taken) taken")
    }

    @Test("random bytes never trap", arguments: [21, 22])
    func random(seed: UInt64) {
        var source = RandomSample(seed: seed)
        var refused = 0
        for _ in 0..<50_000 {
            var body = source.bytes(UInt32.random(in: 0...80, using: &source.random))
            let kinds = PeerMessageKind.allCases
            if !body.isEmpty, Bool.random(using: &source.random) {
                body[0] = kinds[Int.random(in: 0..<kinds.count, using: &source.random)].rawValue
            }
            do throws(PeerWireError) {
                let sample = try Sample(decoding: body)
                guard sample.encoded == body else {
                    Issue.record("seed \(seed): \(body) was decoded to \(sample), which is encoded otherwise")
                    return
                }
            } catch {
                refused += 1
            }
        }
        #expect(refused > 10_000)
    }

    @Test("each refusal names its reason")
    func reasons() throws {
        var accept = try body("accept")
        accept[34] = 3
        #expect(reason(of: accept) == .unknownValueKind(3))
        accept[34] = 1
        #expect(reason(of: accept) == .noOpWithBytes)
        accept = try body("accept")
        accept.replaceSubrange(26..<30, with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(reason(of: accept) == .countTooLarge(0xFFFF_FFFF))
        #expect(reason(of: try body("accept").dropLast()) == .payloadByteCount(expected: 5, actual: 4))
        #expect(reason(of: try body("chosen") + [9]) == .payloadByteCount(expected: 0, actual: 1))

        var fetch = try body("fetch")
        fetch.swapAt(1, 9)
        #expect(reason(of: fetch) == .slotOrder)
        var reply = try body("preVoteReply")
        reply[10] = 2
        #expect(reason(of: reply) == .badFlag(2))
        var read = try body("readIndexReply")
        read[18] = 0
        #expect(reason(of: read) == .badFlag(0))
        #expect(reason(of: []) == .tooShort)
        #expect(reason(of: [0]) == .unknownKind(0))
        #expect(reason(of: [200]) == .unknownKind(200))
        #expect(reason(of: try body("touches").dropLast()) == .payloadByteCount(expected: 16, actual: 15))
    }

    @Test("counts are bounded by their limit and by the bytes that are there")
    func counts() throws {
        var promise = try body("promise")
        promise[18] = 3
        #expect(reason(of: promise) == .payloadByteCount(expected: 121, actual: 86))
        promise.replaceSubrange(18..<22, with: [0, 0, 1, 0])
        #expect(reason(of: promise) == .payloadByteCount(expected: 65_536 * 35 + 16, actual: 86))
        promise.replaceSubrange(18..<22, with: [1, 0, 1, 0])
        #expect(reason(of: promise) == .countTooLarge(65_537))
        promise = try body("promise")
        promise.replaceSubrange(22..<26, with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(reason(of: promise) == .countTooLarge(0xFFFF_FFFF))

        var forward = try body("forward")
        forward.replaceSubrange(1..<5, with: [1, 0x20, 0, 0])
        #expect(reason(of: forward) == .countTooLarge(8_193))
        var touches = try body("touches")
        touches.replaceSubrange(1..<5, with: [1, 0, 0x10, 0])
        #expect(reason(of: touches) == .countTooLarge(1_048_577))
    }

    @Test("the largest value fits into the body that a peer may send, and no larger one is taken")
    func largest() throws {
        let byteCount = UInt32(Limits.proposalByteCountMax)
        let value = ValueDescriptor(byteCount: byteCount, checksum: 1, commandCount: 1)
        let accept = Accept(
            ballot: Ballot(round: 1, replica: ReplicaID(rawValue: 1)), slot: Slot(rawValue: 1), value: value,
            chosenThrough: .none)
        let sample = Sample(
            .consensus(.accept(accept)), [UInt8](repeating: 7, count: Limits.proposalByteCountMax))
        let body = sample.encoded
        #expect(body.count <= Limits.peerBodyByteCountMax)
        let decoded = try Sample(decoding: body)
        #expect(decoded.message == sample.message)
        let forward = Sample(.forward(commandCount: 1), sample.payload + [7]).encoded
        #expect(reason(of: forward) == .countTooLarge(UInt64(byteCount) + 1))
        let promiseByteCount = 26 + Limits.promiseEntryCountMax * 35 + Limits.promiseRangeCountMax * 16
        #expect(promiseByteCount <= Limits.peerBodyByteCountMax)
    }
}
