package import CoreTypes

/// Carries opaque frames between replicas, late, twice, out of order or never, as a seed wills.
///
/// A link leads from one replica to another; both links of a pair share a connection. On a connection frames keep their
/// order unless reordering is drawn; what is under way when it ends is lost. All replicas are connected at first. A
/// partition stops frames, when they are sent and when they would arrive, and ends no connection: whoever drives the
/// network decides about that. One thread owns it.
package struct SimulatedNetwork: Sendable {
    private struct Link: Sendable {
        var isBlocked = false
        var isClogged = false
        /// Rises with each clog, so that the end of an earlier one does not end a later one.
        var clogNumber: UInt64 = 0
        /// The last frame that keeps its place arrives then.
        var lastArrival = SimulatedTime.zero
        var frameCount = 0
        /// Arrived while it was clogged.
        var held: [Flight] = []
    }

    private struct Flight: Sendable {
        var frame: [UInt8]
        var link: Int
        var connection: UInt64
    }

    private enum Pending: Sendable {
        case flight(Flight)
        case told(NetworkEvent)
        case clogEnd(link: Int, number: UInt64)
    }

    private let replicaCount: Int
    private var options: NetworkOptions
    private var generator: SplitMix64
    private var queue = EventQueue<Pending>()
    /// By sender, then by receiver.
    private var links: [Link]
    /// By link, the same for both directions: the number of the connection; 0 if there is none.
    private var connections: [UInt64]
    private var connectionCount: UInt64 = 1
    /// Frames are lost, doubled and reordered as the options say.
    private var isFaulty = true
    package private(set) var counters = NetworkCounters()
    /// Of every event that was delivered.
    package private(set) var trace = TraceHash()

    /// A network of replicas 1 to `replicaCount`.
    package init(replicaCount: Int, options: NetworkOptions, seed: UInt64) {
        invariant(replicaCount > 0 && replicaCount < 255, "\(replicaCount) replicas")
        self.replicaCount = replicaCount
        self.options = options
        generator = SplitMix64(seed: seed)
        links = Array(repeating: Link(), count: replicaCount * replicaCount)
        connections = Array(repeating: 1, count: replicaCount * replicaCount)
    }

    // MARK: Frames

    /// Sends a frame; what becomes of it is drawn now.
    package mutating func send(_ frame: [UInt8], from sender: ReplicaID, to receiver: ReplicaID, at now: SimulatedTime)
    {
        let link = link(sender, receiver)
        counters.sent += 1
        if connections[link] == 0 {
            counters.unconnected += 1
        } else if links[link].isBlocked {
            counters.blocked += 1
        } else if isDrawn(options.lossChance) {
            counters.lost += 1
        } else {
            launch(frame, link, at: now)
            guard isDrawn(options.duplicationChance) else { return }
            counters.duplicated += 1
            launch(frame, link, at: now)
        }
    }

    private mutating func launch(_ frame: [UInt8], _ link: Int, at now: SimulatedTime) {
        if links[link].frameCount >= options.linkFrameCountMax {
            counters.overflowed += 1
            return
        }
        links[link].frameCount += 1
        let flight = Flight(frame: frame, link: link, connection: connections[link])
        let spread = generator.next() % (options.delayMicrosecondsSpread + 1)
        let delay = options.delayMicrosecondsMin + spread
        if isDrawn(options.reorderingChance) {
            counters.reordered += 1
            queue.push(.flight(flight), at: now.adding(microseconds: generator.next() % (delay * 10 + 1)))
            return
        }
        links[link].lastArrival = max(links[link].lastArrival, now.adding(microseconds: delay))
        queue.push(.flight(flight), at: links[link].lastArrival)
    }

    // MARK: Events

    /// When something happens next; nil if nothing will.
    package var nextTime: SimulatedTime? { queue.firstTime }

    /// The next event that is due by a time, in the order of time; nil if there is none.
    package mutating func next(through time: SimulatedTime) -> (time: SimulatedTime, event: NetworkEvent)? {
        while let (due, pending) = queue.pop(through: time) {
            switch pending {
            case .clogEnd(let link, let number):
                if links[link].clogNumber == number { release(link, at: due) }
            case .told(let event):
                note(event, at: due)
                return (due, event)
            case .flight(let flight):
                guard let event = arrive(flight) else { continue }
                note(event, at: due)
                return (due, event)
            }
        }
        return nil
    }

    private mutating func arrive(_ flight: Flight) -> NetworkEvent? {
        let link = flight.link
        if flight.connection != connections[link] {
            links[link].frameCount -= 1
            counters.cutOff += 1
            return nil
        }
        if links[link].isClogged {
            counters.held += 1
            links[link].held.append(flight)
            return nil
        }
        links[link].frameCount -= 1
        if links[link].isBlocked {
            counters.blocked += 1
            return nil
        }
        counters.delivered += 1
        return .frame(
            flight.frame, from: replica(link / replicaCount), to: replica(link % replicaCount))
    }

    private mutating func note(_ event: NetworkEvent, at time: SimulatedTime) {
        trace.add(time.rawValue)
        switch event {
        case .frame(let frame, let sender, let receiver):
            trace.add(UInt64(sender.rawValue) << 8 | UInt64(receiver.rawValue))
            trace.add(frame)
        case .connected(let replica, let peer):
            trace.add(1 << 16 | UInt64(replica.rawValue) << 8 | UInt64(peer.rawValue))
        case .disconnected(let replica, let peer):
            trace.add(2 << 16 | UInt64(replica.rawValue) << 8 | UInt64(peer.rawValue))
        }
    }

    // MARK: Connections

    package func isConnected(_ replica: ReplicaID, _ peer: ReplicaID) -> Bool { connections[link(replica, peer)] != 0 }

    /// Ends the connection of a pair; both hear of it now.
    package mutating func disconnect(_ replica: ReplicaID, _ peer: ReplicaID, at now: SimulatedTime) {
        guard isConnected(replica, peer) else { return }
        counters.disconnects += 1
        setConnection(0, replica, peer)
        queue.push(.told(.disconnected(replica: replica, peer: peer)), at: now)
        queue.push(.told(.disconnected(replica: peer, peer: replica)), at: now)
    }

    /// Connects a pair; both hear of it now.
    package mutating func connect(_ replica: ReplicaID, _ peer: ReplicaID, at now: SimulatedTime) {
        guard !isConnected(replica, peer), replica != peer else { return }
        connectionCount += 1
        setConnection(connectionCount, replica, peer)
        queue.push(.told(.connected(replica: replica, peer: peer)), at: now)
        queue.push(.told(.connected(replica: peer, peer: replica)), at: now)
    }

    private mutating func setConnection(_ number: UInt64, _ replica: ReplicaID, _ peer: ReplicaID) {
        for link in [link(replica, peer), link(peer, replica)] {
            connections[link] = number
            links[link].lastArrival = .zero
        }
    }

    // MARK: Faults

    /// Splits the replicas in two, which do not hear each other, until `heal` or the next partition.
    package mutating func partition(_ side: [ReplicaID]) {
        counters.partitions += 1
        for link in links.indices {
            let isSender = side.contains(replica(link / replicaCount))
            links[link].isBlocked = isSender != side.contains(replica(link % replicaCount))
        }
    }

    /// Everybody hears everybody again; what was lost stays lost.
    package mutating func endPartitions() {
        for link in links.indices { links[link].isBlocked = false }
    }

    /// Stops, or lets through again, what one replica sends to another; the other direction stays as it is.
    package mutating func setBlocked(_ isBlocked: Bool, from sender: ReplicaID, to receiver: ReplicaID) {
        if isBlocked { counters.partitions += 1 }
        links[link(sender, receiver)].isBlocked = isBlocked
    }

    /// Nothing arrives on a link for some time; what would have arrives then, in its order.
    package mutating func clog(
        from sender: ReplicaID, to receiver: ReplicaID, microseconds: UInt64, at now: SimulatedTime
    ) {
        let link = link(sender, receiver)
        counters.clogs += 1
        links[link].isClogged = true
        links[link].clogNumber += 1
        let end = now.adding(microseconds: microseconds)
        queue.push(.clogEnd(link: link, number: links[link].clogNumber), at: end)
    }

    /// Ends all that is wrong: from now on all are connected, and every frame arrives once and in order.
    package mutating func heal(at now: SimulatedTime) {
        isFaulty = false
        for link in links.indices {
            links[link].isBlocked = false
            links[link].clogNumber += 1
            release(link, at: now)
            let (sender, receiver) = (link / replicaCount, link % replicaCount)
            if sender < receiver { connect(replica(sender), replica(receiver), at: now) }
        }
    }

    /// Frames meet again what the options say.
    package mutating func resumeFaults() { isFaulty = true }

    private mutating func release(_ link: Int, at now: SimulatedTime) {
        links[link].isClogged = false
        for flight in links[link].held { queue.push(.flight(flight), at: now) }
        links[link].lastArrival = max(links[link].lastArrival, now)
        links[link].held.removeAll()
    }

    // MARK: Inside

    private mutating func isDrawn(_ chance: UInt64) -> Bool {
        // A number is drawn in any case, so that one fault more or less leaves the others where they are.
        let isHit = generator.next() % 1_000_000 < chance
        return isHit && isFaulty
    }

    private func link(_ sender: ReplicaID, _ receiver: ReplicaID) -> Int {
        let (from, to) = (Int(sender.rawValue) - 1, Int(receiver.rawValue) - 1)
        invariant(from >= 0 && from < replicaCount && to >= 0 && to < replicaCount, "link from \(from) to \(to)")
        return from * replicaCount + to
    }

    private func replica(_ index: Int) -> ReplicaID { ReplicaID(rawValue: UInt8(index + 1)) }
}
