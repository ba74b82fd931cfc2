internal import CBenchmark
import CoreTypes
import Glibc

/// One thread of the load generator: a closed loop over epoll that keeps every connection's requests in flight.
///
/// Requests are copied from templates and patched; replies are checked where they lie in the receive buffer. For each
/// readable connection there is one `recv`, one `send` for as many new requests as replies came, and two looks at the
/// clock. Latency runs from just before the `send` that carried a request to just after the `recv` that brought its
/// reply, so time that a reply waits for a busy generator counts against the server; the generator's own share of the
/// processor is reported for that reason.
struct LoadWorker: ~Copyable {
    static let inboundCapacity = 1 << 18

    let plan: LoadPlan
    let poll: Int32
    let connections: UnsafeMutablePointer<LoadConnection>
    let connectionCount: Int
    let templates: UnsafeMutableBufferPointer<PreparedTemplate>
    let value: [UInt8]
    let inbound: UnsafeMutableRawPointer
    let inboundCapacity: Int
    let outbound: UnsafeMutableRawPointer
    let outboundCapacity: Int
    /// The highest version acknowledged for each key; only with a tracker.
    let versions: UnsafeMutablePointer<Int32>?
    let stop: StopFlag?
    var generator: SplitMix64
    var result = LoadResult()
    var startedAt: UInt64 = 0
    var deadline: UInt64 = .max
    var lastReplyAt: UInt64 = 0
    var openCount: Int

    /// - Parameter descriptors: connected sockets with an open session each, numbered from `firstIndex`.
    init(
        _ plan: LoadPlan, descriptors: [Int32], firstIndex: Int, versions: UnsafeMutablePointer<Int32>?,
        stop: StopFlag?
    ) throws {
        self.plan = plan
        self.versions = versions
        self.stop = stop
        value = LoadPlan.value(byteCount: plan.valueByteCount)
        generator = SplitMix64(seed: plan.seed &+ UInt64(firstIndex) &* 0x9E37_79B9)
        poll = benchmark_poll_create()
        guard poll >= 0 else { throw BenchmarkError.system("epoll_create1", "") }
        connectionCount = descriptors.count
        connections = .allocate(capacity: descriptors.count)
        openCount = descriptors.count
        for (offset, descriptor) in descriptors.enumerated() {
            let connection = LoadConnection(
                descriptor: descriptor, index: firstIndex + offset, outstandingCount: plan.outstandingCount)
            (connections + offset).initialize(to: connection)
            Socket.setNonblocking(descriptor)
            _ = benchmark_poll_watch(poll, descriptor, UInt32(offset), UInt32(BENCHMARK_POLL_READABLE), 1)
        }
        templates = Self.makeTemplates(plan, value: value)
        let largestReply = templates.map(\.replyByteCount).max() ?? 0
        inboundCapacity = max(Self.inboundCapacity, 2 * largestReply)
        inbound = .allocate(byteCount: inboundCapacity, alignment: 64)
        let largestRequest = templates.map(\.byteCount).max() ?? 0
        outboundCapacity = max(1, largestRequest * plan.outstandingCount)
        outbound = .allocate(byteCount: outboundCapacity, alignment: 64)
        assignKeys()
    }

    deinit {
        for index in 0..<connectionCount { connections[index].deallocate() }
        for template in templates { template.deallocate() }
        connections.deallocate()
        templates.deallocate()
        inbound.deallocate()
        outbound.deallocate()
        close(poll)
    }

    /// One template, or get and set in this order for the random choice.
    private static func makeTemplates(
        _ plan: LoadPlan, value: [UInt8]
    ) -> UnsafeMutableBufferPointer<PreparedTemplate> {
        let operations: [Operation] =
            switch plan.choice {
            case .uniform: [.get, .set]
            case .growing: [.create]
            case .pass(let operation), .sweep(let operation, _): [operation]
            }
        let made = UnsafeMutableBufferPointer<PreparedTemplate>.allocate(capacity: operations.count)
        for (index, operation) in operations.enumerated() {
            let template = RequestTemplate(operation, keySpace: plan.keySpace, value: value)
            made.initializeElement(at: index, to: PreparedTemplate(template))
        }
        return made
    }

    /// Says which keys each connection goes through, for the choices that go through keys.
    private func assignKeys() {
        for index in 0..<connectionCount {
            let number = Int(connections[index].index)
            switch plan.choice {
            case .uniform: connections[index].keyEnd = .max
            case .growing: connections[index].keyEnd = KeySpace.keyCountMax
            case .pass:
                connections[index].nextKey = number
                connections[index].keyEnd = plan.keySpace.keyCount
            case .sweep(_, let counts):
                connections[index].keyEnd = number < counts.count ? counts[number] : 0
            }
        }
    }

    /// Runs to the end of the window, waits for what is in flight, and returns what was seen.
    mutating func run() throws -> LoadResult {
        startedAt = monotonicNanoseconds()
        lastReplyAt = startedAt
        if plan.durationNanoseconds > 0 { deadline = startedAt + plan.durationNanoseconds }
        for index in 0..<connectionCount { try send(connections + index, plan.outstandingCount) }
        try loop()
        let end = deadline == .max || result.wasDisconnected ? lastReplyAt : deadline
        result.elapsedNanoseconds = end - startedAt
        if case .growing = plan.choice {
            result.createdCounts = (0..<connectionCount).map { Int(connections[$0].oldestXid) - 1 }
        }
        return result
    }
}
