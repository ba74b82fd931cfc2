import CoreTypes
import Simulation
import Testing

@Suite("SimulatedNetwork")
struct SimulatedNetworkTests {
    private let one = ReplicaID(rawValue: 1)
    private let two = ReplicaID(rawValue: 2)
    private let three = ReplicaID(rawValue: 3)
    private let end = SimulatedTime(rawValue: 1_000_000_000)

    private func network(_ change: (inout NetworkOptions) -> Void = { _ in }, seed: UInt64 = 1) -> SimulatedNetwork {
        var options = NetworkOptions()
        change(&options)
        return SimulatedNetwork(replicaCount: 3, options: options, seed: seed)
    }

    /// The first bytes of the frames that arrive at replica 2 from 1.
    private func drain(_ network: inout SimulatedNetwork) -> [UInt8] {
        var bytes: [UInt8] = []
        while let (_, event) = network.next(through: end) {
            if case .frame(let frame, from: one, to: two) = event { bytes.append(frame[0]) }
        }
        return bytes
    }

    private func send(_ numbers: ClosedRange<UInt8>, _ network: inout SimulatedNetwork, at time: UInt64 = 0) {
        for number in numbers {
            network.send([number], from: one, to: two, at: SimulatedTime(rawValue: time + UInt64(number)))
        }
    }

    @Test("a good network delivers everything once, in order, after the delay")
    func good() {
        var network = network()
        send(1...100, &network)
        let first = network.nextTime
        #expect(first.map { $0.rawValue >= 51 && $0.rawValue <= 251 } == true)
        #expect(network.next(through: SimulatedTime(rawValue: 50)) == nil)
        #expect(drain(&network) == Array(1...100))
        #expect(network.counters.delivered == 100 && network.nextTime == nil)
    }

    @Test("frames are lost, doubled and reordered, and counted")
    func faults() {
        var lossy = network { $0.lossChance = 300_000 }
        send(1...200, &lossy)
        let left = drain(&lossy)
        #expect(left.count == 200 - lossy.counters.lost && lossy.counters.lost > 20)
        #expect(left == left.sorted())

        var doubling = network { $0.duplicationChance = 300_000 }
        send(1...200, &doubling)
        #expect(drain(&doubling).count == 200 + doubling.counters.duplicated && doubling.counters.duplicated > 20)

        var reordering = network { $0.reorderingChance = 300_000 }
        send(1...200, &reordering)
        let mixed = drain(&reordering)
        #expect(mixed != mixed.sorted() && mixed.sorted() == Array(1...200))
        #expect(reordering.counters.reordered > 20)
    }

    @Test("a partition stops frames when they are sent and when they would arrive, and heals")
    func partition() {
        var network = network()
        send(1...1, &network)
        network.partition([one])
        send(2...2, &network)
        network.send([9], from: two, to: three, at: .zero)
        #expect(drain(&network) == [])
        #expect(network.counters.blocked == 2 && network.counters.delivered == 1)
        network.heal(at: SimulatedTime(rawValue: 1_000))
        send(3...3, &network, at: 1_000)
        #expect(drain(&network) == [3])
    }

    @Test("a partition may be one-way")
    func oneWay() {
        var network = network()
        network.setBlocked(true, from: two, to: one)
        network.send([9], from: two, to: one, at: .zero)
        send(1...1, &network)
        #expect(drain(&network) == [1])
        #expect(network.counters.blocked == 1)
    }

    @Test("the end of a connection loses what is under way, and both ends hear of it, as of the next one")
    func disconnect() {
        var network = network()
        send(1...3, &network)
        network.disconnect(one, two, at: SimulatedTime(rawValue: 10))
        send(4...4, &network)
        network.connect(two, one, at: SimulatedTime(rawValue: 20))
        send(5...6, &network, at: 20)
        var events: [NetworkEvent] = []
        while let (_, event) = network.next(through: end) { events.append(event) }
        #expect(
            events == [
                .disconnected(replica: one, peer: two), .disconnected(replica: two, peer: one),
                .connected(replica: two, peer: one), .connected(replica: one, peer: two),
                .frame([5], from: one, to: two), .frame([6], from: one, to: two),
            ])
        #expect(network.counters.cutOff == 3 && network.counters.unconnected == 1)
    }

    @Test("a clogged link holds its frames back, in order, until its time or the healing")
    func clog() {
        for isHealed in [false, true] {
            var network = network()
            network.clog(from: one, to: two, microseconds: 50_000, at: .zero)
            send(1...5, &network)
            network.send([7], from: one, to: three, at: .zero)
            var others = 0
            while network.next(through: SimulatedTime(rawValue: 40_000)) != nil { others += 1 }
            #expect(others == 1 && network.counters.held == 5)
            if isHealed { network.heal(at: SimulatedTime(rawValue: 40_000)) }
            send(6...7, &network, at: 40_000)
            let time = isHealed ? 45_000 : 60_000 as UInt64
            var bytes: [UInt8] = []
            while let (_, event) = network.next(through: SimulatedTime(rawValue: time)) {
                if case .frame(let frame, _, _) = event { bytes.append(frame[0]) }
            }
            #expect(bytes == Array(1...7))
        }
    }

    @Test("a healed network loses nothing, until faults are resumed")
    func healing() {
        var network = network { $0.lossChance = 500_000 }
        network.heal(at: .zero)
        send(1...100, &network)
        #expect(drain(&network) == Array(1...100))
        network.resumeFaults()
        send(1...100, &network)
        #expect(drain(&network).count < 90)
    }

    @Test("a link carries no more than its limit")
    func limit() {
        var network = network { $0.linkFrameCountMax = 4 }
        send(1...10, &network)
        #expect(drain(&network) == [1, 2, 3, 4])
        #expect(network.counters.overflowed == 6)
        send(11...12, &network)
        #expect(drain(&network) == [11, 12])
    }

    @Test("equal seeds give equal traces, other seeds and other orders others")
    func traces() {
        func trace(_ seed: UInt64) -> TraceHash {
            var generator = SplitMix64(seed: seed)
            var network = SimulatedNetwork(
                replicaCount: 3, options: NetworkOptions(using: &generator), seed: generator.next())
            send(1...100, &network)
            network.disconnect(two, three, at: SimulatedTime(rawValue: 60))
            _ = drain(&network)
            return network.trace
        }
        #expect(trace(1) == trace(1))
        #expect(trace(1) != trace(2))
        var (left, right) = (TraceHash(), TraceHash())
        left.add([1, 2])
        left.add([3])
        right.add([1])
        right.add([2, 3])
        #expect(left != right)
    }

    @Test("what is due at the same time comes out in the order in which it was put in")
    func queue() {
        var queue = EventQueue<Int>()
        var generator = SplitMix64(seed: 5)
        var expected: [(time: UInt64, number: Int)] = []
        for number in 0..<500 {
            let time = generator.next() % 20
            expected.append((time, number))
            queue.push(number, at: SimulatedTime(rawValue: time))
        }
        var found: [Int] = []
        while let (_, number) = queue.pop(through: SimulatedTime(rawValue: 19)) { found.append(number) }
        #expect(found == expected.sorted { ($0.time, $0.number) < ($1.time, $1.number) }.map(\.number))
    }
}
