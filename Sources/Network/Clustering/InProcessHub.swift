import Consensus
package import CoreTypes
import Synchronization

/// Joins replicas of one process without sockets: any two of them are connected, as long as both are there and neither
/// is isolated.
///
/// Threads: any. Lock order: the hub, then a port's inbox.
package final class InProcessHub: Sendable {
    private struct Place {
        var port: PeerPort
        var identity: ReplicaIdentity
    }

    /// Two replicas that are connected, or will be when one of them has room.
    private struct Line {
        var lower: ReplicaID
        var higher: ReplicaID
        /// 0 while it waits.
        var connection: UInt64
        /// Who had no room; none while it is connected.
        var waitsFor = ReplicaID.none

        func joins(_ replica: ReplicaID) -> Bool { lower == replica || higher == replica }
    }

    private struct State {
        var places: [Place] = []
        var lines: [Line] = []
        var isolated: [ReplicaID] = []
        var connectionCount: UInt64 = 0

        func place(of replica: ReplicaID) -> Place? { places.first { $0.identity.replica == replica } }
    }

    private let state = Mutex(State())

    package init() {}

    /// Cuts a replica off from all others, whether it is there or comes later.
    package func isolate(_ replica: ReplicaID) {
        state.withLock { state in
            if !state.isolated.contains(replica) { state.isolated.append(replica) }
            Self.disconnectAll(of: replica, in: &state)
        }
    }

    /// Connects a replica again that was isolated.
    package func rejoin(_ replica: ReplicaID) {
        state.withLock { state in
            guard state.isolated.contains(replica) else { return }
            state.isolated.removeAll { $0 == replica }
            Self.connectAll(to: replica, in: &state)
        }
    }

    // MARK: Routes

    /// - Returns: false if a replica of that number is there already.
    func enter(_ port: PeerPort, as identity: ReplicaIdentity) -> Bool {
        state.withLock { state in
            guard state.place(of: identity.replica) == nil else { return false }
            state.places.append(Place(port: port, identity: identity))
            Self.connectAll(to: identity.replica, in: &state)
            return true
        }
    }

    func leave(_ replica: ReplicaID) {
        state.withLock { state in
            Self.disconnectAll(of: replica, in: &state)
            state.places.removeAll { $0.identity.replica == replica }
        }
    }

    func carry(_ mail: OutgoingMail, from replica: ReplicaID) {
        state.withLock { state in
            guard let sender = state.place(of: replica) else { return }
            var receivers: [PeerPort] = []
            for item in mail.items {
                let index = state.lines.firstIndex { $0.connection == item.connection && $0.joins(item.replica) }
                guard let index, let receiver = state.place(of: item.replica) else { continue }
                let body = mail.bytes.span.bytes.extracting(item.place)
                let isTaken = receiver.port.received(body, from: sender.identity)
                if !isTaken { Self.hold(index, until: receiver, in: &state) }
                if !receivers.contains(where: { $0 === receiver.port }) { receivers.append(receiver.port) }
            }
            for port in receivers { port.announce() }
        }
    }

    func disconnect(_ replica: ReplicaID, connection: UInt64) {
        state.withLock { state in
            guard let index = state.lines.firstIndex(where: { $0.connection == connection }) else { return }
            Self.tellEnd(of: state.lines[index], in: state)
            state.lines.remove(at: index)
        }
    }

    func hasRoom(_ replica: ReplicaID) {
        state.withLock { state in
            for index in state.lines.indices where state.lines[index].waitsFor == replica {
                state.lines[index].waitsFor = .none
                Self.connect(index, in: &state)
            }
        }
    }

    // MARK: Inside

    private static func connectAll(to replica: ReplicaID, in state: inout State) {
        guard state.place(of: replica) != nil, !state.isolated.contains(replica) else { return }
        for other in state.places.map(\.identity.replica) where other != replica && !state.isolated.contains(other) {
            state.lines.append(Line(lower: min(replica, other), higher: max(replica, other), connection: 0))
            connect(state.lines.count - 1, in: &state)
        }
    }

    private static func connect(_ index: Int, in state: inout State) {
        let line = state.lines[index]
        guard let lower = state.place(of: line.lower), let higher = state.place(of: line.higher) else { return }
        state.connectionCount += 1
        state.lines[index].connection = state.connectionCount
        lower.port.connected(higher.identity, connection: state.connectionCount)
        higher.port.connected(lower.identity, connection: state.connectionCount)
        lower.port.announce()
        higher.port.announce()
    }

    private static func disconnectAll(of replica: ReplicaID, in state: inout State) {
        for line in state.lines where line.joins(replica) { tellEnd(of: line, in: state) }
        state.lines.removeAll { $0.joins(replica) }
    }

    /// A line has more to carry than its end takes: it is ended until there is room.
    private static func hold(_ index: Int, until receiver: Place, in state: inout State) {
        tellEnd(of: state.lines[index], in: state)
        state.lines[index].connection = 0
        state.lines[index].waitsFor = receiver.identity.replica
    }

    private static func tellEnd(of line: Line, in state: State) {
        guard line.connection > 0 else { return }
        for (replica, other) in [(line.lower, line.higher), (line.higher, line.lower)] {
            guard let place = state.place(of: replica) else { continue }
            place.port.disconnected(other)
            place.port.announce()
        }
    }
}
