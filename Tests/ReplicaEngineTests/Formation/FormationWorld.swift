/// Three replicas that form a cluster, their directories and what is between them: one state of an exploration.
///
/// A connection is made whole and fails end by end: what a replica had sent before it crashed may still be read, until
/// the reader accepts the sender's next connection.
struct FormationWorld {
    enum Action {
        /// The pair of replicas without a connection gets one.
        case connect(Int, Int)
        /// The oldest unread message of a connection is read by one of the two.
        case deliver(connection: Int, to: Int)
        /// The survivor of a connection notices that the other end is gone; what was not read is lost.
        case notice(connection: Int)
        /// What a replica is writing is durable.
        case persist(Int)
        /// The process ends and starts again.
        case crash(Int)
        /// The process ends, its directory is lost, and it starts again with an empty one.
        case wipe(Int)
    }

    /// A way to build it wrongly, that the exploration must find.
    enum Mutation {
        case none
        /// A record is told of before it is durable.
        case tellsEarly
        /// Old connections are still read after a newer one was accepted.
        case readsOldConnections
    }

    private struct Message {
        /// False for facts.
        var isHello: Bool
        /// That of the sender.
        var incarnation: UInt8
        var record: UInt8 = FormationPool.none
    }

    private struct Connection {
        /// The two replicas, rising.
        var replicas: [Int]
        /// Unread messages to each of them.
        var unread: [[Message]]
        /// Whether each of them has read the other's hello.
        var hasAccepted = [false, false]
        /// Whether each of the two ends is there.
        var isThere = [true, true]

        func side(of replica: Int) -> Int { replicas[0] == replica ? 0 : 1 }
    }

    private struct Replica {
        var incarnation: UInt8 = 1
        var lifeCount: UInt8 = 0
        var formation: Int
        /// Records, as the pool numbers them: what is durable, and what is being written.
        var disk = FormationPool.none
        var pending = FormationPool.none
        /// It was told that what it is writing names another incarnation of it.
        var isUnnamed = false
    }

    private let pool: FormationPool
    private var replicas: [Replica] = []
    private var connections: [Connection] = []
    /// Who ever held each record durably: bit n for replica n. Of record 0, nobody.
    private var holders = [UInt8](repeating: 0, count: 16)
    private var crashesLeft: Int
    private var wipesLeft: Int
    private var wipeCount = 0
    private let mutation: Mutation
    /// What went wrong; empty while nothing did.
    private(set) var violation = ""

    init(crashes: Int, wipes: Int, mutation: Mutation = .none) {
        crashesLeft = crashes
        wipesLeft = wipes
        self.mutation = mutation
        pool = FormationPool()
        for replica in 0..<3 {
            let formation = pool.make(replica: replica, incarnation: 1, life: 0, disk: FormationPool.none)
            replicas.append(Replica(formation: formation))
            step(replica, .start)
        }
    }

    /// Equal for equal worlds, and for no others in practice.
    var fingerprint: Fingerprint {
        var print = Fingerprint()
        for replica in replicas {
            print.add(replica.formation)
            print.add(Int(replica.incarnation) << 24 | Int(replica.lifeCount) << 16 | Int(replica.disk) << 8)
            print.add(Int(replica.pending) << 1 | (replica.isUnnamed ? 1 : 0))
        }
        for connection in connections {
            print.add(-1 - connection.replicas[0] * 4 - connection.replicas[1])
            for side in 0..<2 {
                print.add((connection.hasAccepted[side] ? 2 : 0) + (connection.isThere[side] ? 1 : 0))
                for message in connection.unread[side] {
                    print.add(Int(message.record) << 16 | Int(message.incarnation) << 8 | (message.isHello ? 5 : 4))
                }
            }
        }
        for mask in holders { print.add(Int(mask)) }
        print.add(crashesLeft << 16 | wipesLeft << 8 | wipeCount)
        return print
    }

    // MARK: Actions

    /// What can happen without a fault.
    var actions: [Action] {
        var actions: [Action] = []
        for pair in [[0, 1], [0, 2], [1, 2]] {
            let isConnected = connections.contains { $0.replicas == pair && $0.isThere == [true, true] }
            if !isConnected { actions.append(.connect(pair[0], pair[1])) }
        }
        for (index, connection) in connections.enumerated() {
            for side in 0..<2 where connection.isThere[side] && !connection.unread[side].isEmpty {
                actions.append(.deliver(connection: index, to: connection.replicas[side]))
            }
            if connection.isThere != [true, true] { actions.append(.notice(connection: index)) }
        }
        for replica in 0..<3 where replicas[replica].pending != FormationPool.none { actions.append(.persist(replica)) }
        return actions
    }

    var faults: [Action] {
        var faults: [Action] = []
        if crashesLeft > 0 { faults += (0..<3).map { .crash($0) } }
        if wipesLeft > 0 { faults += (0..<3).map { .wipe($0) } }
        return faults
    }

    mutating func take(_ action: Action) {
        switch action {
        case .connect(let lower, let upper):
            let hellos = [upper, lower].map { [Message(isHello: true, incarnation: replicas[$0].incarnation)] }
            connections.append(Connection(replicas: [lower, upper], unread: hellos))
        case .deliver(let connection, let replica): deliver(connection, to: replica)
        case .notice(let index): notice(index)
        case .persist(let replica): persist(replica)
        case .crash(let replica):
            crashesLeft -= 1
            restart(replica)
        case .wipe(let replica):
            wipesLeft -= 1
            wipeCount += 1
            replicas[replica].disk = FormationPool.none
            replicas[replica].incarnation += 1
            restart(replica)
        }
    }

    private mutating func restart(_ replica: Int) {
        for index in connections.indices where connections[index].replicas.contains(replica) {
            let side = connections[index].side(of: replica)
            connections[index].isThere[side] = false
            connections[index].unread[side] = []
        }
        forgetConnections()
        var fresh = replicas[replica]
        fresh.lifeCount += 1
        fresh.pending = FormationPool.none
        fresh.isUnnamed = false
        fresh.formation = pool.make(
            replica: replica, incarnation: fresh.incarnation, life: fresh.lifeCount, disk: fresh.disk)
        replicas[replica] = fresh
        step(replica, .start)
    }

    private mutating func deliver(_ index: Int, to replica: Int) {
        let side = connections[index].side(of: replica)
        let peer = connections[index].replicas[1 - side]
        let message = connections[index].unread[side].removeFirst()
        guard message.isHello else {
            // The formation ignores facts of whom it did not accept; so the mutant knows peers by number only.
            let isMutant = mutation == .readsOldConnections
            let incarnation = isMutant ? replicas[peer].incarnation : message.incarnation
            return step(replica, .received(record: message.record, replica: peer, incarnation: incarnation))
        }
        connections[index].hasAccepted[side] = true
        if mutation != .readsOldConnections { dropConnections(of: replica, before: index) }
        step(replica, .connected(replica: peer, incarnation: message.incarnation))
        forgetConnections()
    }

    /// The ends that `replica` has of connections to the same peer that are older than one.
    private mutating func dropConnections(of replica: Int, before index: Int) {
        for older in 0..<index where connections[older].replicas == connections[index].replicas {
            let side = connections[older].side(of: replica)
            connections[older].isThere[side] = false
            connections[older].unread[side] = []
        }
    }

    private mutating func notice(_ index: Int) {
        let connection = connections[index]
        for side in 0..<2 where connection.isThere[side] && connection.hasAccepted[side] {
            let isNewest = !connections[(index + 1)...].contains {
                $0.replicas == connection.replicas && $0.hasAccepted[side]
            }
            if isNewest { step(connection.replicas[side], .disconnected(replica: connection.replicas[1 - side])) }
        }
        connections[index].isThere = [false, false]
        forgetConnections()
    }

    private mutating func forgetConnections() { connections.removeAll { $0.isThere == [false, false] } }

    private mutating func persist(_ replica: Int) {
        let record = replicas[replica].pending
        replicas[replica].pending = FormationPool.none
        if replicas[replica].disk != FormationPool.none { violation = "a second record is taken" }
        let isNamed = pool.names(record, replica, replicas[replica].incarnation)
        if isNamed == replicas[replica].isUnnamed {
            violation = "a replica is wrong about whether a record names it"
        }
        replicas[replica].disk = record
        // Who is named under another incarnation has no vote.
        if isNamed { holders[Int(record)] |= 1 << UInt8(replica) }
        // Two lost directories of three are more than any cluster survives.
        if wipeCount <= 1 && holders.count(where: { $0.nonzeroBitCount >= 2 }) > 1 {
            violation = "two clusters were founded, each by a quorum"
        }
        if mutation != .tellsEarly { step(replica, .recordIsDurable) }
    }

    // MARK: Effects

    private mutating func step(_ replica: Int, _ input: FormationPool.Input) {
        let result = pool.step(replicas[replica].formation, input)
        replicas[replica].formation = result.formation
        for effect in result.effects {
            switch effect {
            case .tell(let record, let peer): tell(record, from: replica, to: peer)
            case .take(let record):
                replicas[replica].pending = record
                if mutation == .tellsEarly { step(replica, .recordIsDurable) }
            case .takeUnnamed(let record):
                replicas[replica].pending = record
                replicas[replica].isUnnamed = true
                if mutation == .tellsEarly { step(replica, .recordIsDurable) }
            case .refuse(let refusal):
                if wipeCount <= 1 { violation = "refused: \(refusal)" }
            }
        }
    }

    private mutating func tell(_ record: UInt8, from replica: Int, to peer: Int) {
        if record != FormationPool.none && replicas[replica].disk != record {
            violation = "a record is told of before it is durable"
        }
        let pair = [replica, peer].sorted()
        let index = connections.lastIndex { connection in
            connection.replicas == pair && connection.hasAccepted[connection.side(of: replica)]
        }
        guard let index, connections[index].isThere[connections[index].side(of: peer)] else { return }
        let facts = Message(isHello: false, incarnation: replicas[replica].incarnation, record: record)
        connections[index].unread[connections[index].side(of: peer)].append(facts)
    }

    // MARK: Liveness

    /// What is wrong with a world in which nothing more happens without a fault; nil if nothing is.
    ///
    /// With at most one directory lost, a quorum has founded one cluster, and everybody holds its record.
    var flawAtRest: String? {
        guard wipeCount <= 1 else { return nil }
        let records = replicas.map { pool.founding(of: $0.formation) }
        guard let record = records.first(where: { $0 != FormationPool.none }) else { return "nobody is founded" }
        if records.contains(where: { $0 != FormationPool.none && $0 != record }) { return "two clusters at rest" }
        let memberCount = (0..<3).count {
            replicas[$0].disk == record && pool.names(record, $0, replicas[$0].incarnation)
        }
        if memberCount < 2 { return "no quorum is founded" }
        return records.contains(FormationPool.none) ? "a replica was told nothing" : nil
    }
}
