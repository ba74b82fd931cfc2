import Consensus
import CoreTypes

/// A cluster that is moved by hand: every message and every disk write waits until a command lets it go.
///
/// Commands (replicas by number, values by a letter):
/// - `cluster N [window=W]`: N voters, started.
/// - `campaign R`, `propose R A B C`, `tick R MS`, `flush R`, `read R TOKEN`, `transfer R TARGET`, `storage-failure R`,
///   `disconnect R PEER`.
/// - `persist R [COUNT]`: the next records, or all, become durable.
/// - `deliver A B [COUNT]`, `drop A B [COUNT]`: the next messages from A to B, or all.
/// - `settle`: deliver and persist everything until nothing is left, in order of the replicas' numbers; prints what
///   each replica has applied.
/// - `quiet COMMAND`: without output. `crash R`, `restart R`, `wipe R` (a new life with an empty disk).
/// - `damage R SLOT bytes|header`: the last accept record of the slot, while R is down.
/// - `checkpoint R TAIL`, `install R DONOR`.
/// - `readmit R TARGET`: R proposes that TARGET's present life be admitted.
/// - `state`: role, promise, chosen and applied slots of each; `links`: what is on its way; `disk R`.
struct TranscriptCluster {
    var nodes: [Node] = []
    private var links: [[[Message]]] = []
    private var now = Tick(rawValue: 1)
    private var window = 8
    private var output: [String] = []
    private var isQuiet = false

    /// Carries out one command and answers what is to be seen.
    mutating func run(_ line: String) -> String {
        var words = line.split(separator: " ").map(String.init)
        isQuiet = words.first == "quiet"
        if isQuiet { words.removeFirst() }
        guard let command = words.first else { return "" }
        output = []
        let rest = Array(words.dropFirst())
        switch command {
        case "cluster": create(rest)
        case "settle": settle()
        case "state": printState()
        case "links": printLinks()
        case "deliver", "drop": transport(rest, isDropped: command == "drop")
        default: act(command, rest)
        }
        for node in nodes { if let violation = node.violation { output.append("VIOLATION \(violation)") } }
        return isQuiet || output.isEmpty ? "ok" : output.joined(separator: "\n")
    }

    private mutating func create(_ words: [String]) {
        let count = Int(words[0]) ?? 1
        for word in words.dropFirst() where word.hasPrefix("window=") { window = Int(word.dropFirst(7)) ?? 8 }
        let schedule = Membership.voters(count).map { [ScheduledMembership(firstSlot: 1, membership: $0)] } ?? []
        for number in 1...count {
            nodes.append(Node(configuration(identity(UInt8(number))), memberships: schedule))
        }
        links = Array(repeating: Array(repeating: [], count: count), count: count)
        for index in nodes.indices {
            nodes[index].recorded = []
            nodes[index].start(at: now)
            collect(index)
        }
    }

    private func configuration(_ identity: ReplicaIdentity) -> Configuration {
        var configuration = Configuration(identity: identity, seed: 1)
        configuration.electionJitterMilliseconds = 0
        configuration.disconnectJitterMilliseconds = 0
        configuration.membershipDelaySlotCount = window
        configuration.windowSlotCountMax = window
        return configuration
    }

    /// Commands that begin with a replica.
    private mutating func act(_ command: String, _ words: [String]) {
        let index = (Int(words[0]) ?? 1) - 1
        let number = words.count > 1 ? Int(words[1]) : nil
        switch command {
        case "campaign": nodes[index].step(.campaign)
        case "propose":
            for name in words.dropFirst() {
                let slot = nodes[index].step(.propose(.named(name.first ?? "?")))
                nodes[index].recorded?.append(slot.map { "\(name) in slot \($0.rawValue)" } ?? "\(name) refused")
            }
        case "readmit":
            let target = nodes[(number ?? 1) - 1].configuration.identity
            nodes[index].step(.propose(.readmission(of: target)))
        case "tick":
            now = now.adding(milliseconds: UInt64(number ?? 0))
            nodes[index].step(.tick(now))
        case "flush": nodes[index].step(.flush)
        case "persist": nodes[index].persist(number ?? .max)
        case "read": nodes[index].step(.readIndex(ReadToken(rawValue: UInt64(number ?? 0))))
        case "transfer": nodes[index].step(.transferLeadership(ReplicaID(rawValue: UInt8(number ?? 0))))
        case "storage-failure": nodes[index].step(.storageFailed)
        case "disconnect": nodes[index].step(.peerDisconnected(ReplicaID(rawValue: UInt8(number ?? 0))))
        default: administer(command, index, words, number)
        }
        collect(index)
    }

    private mutating func administer(_ command: String, _ index: Int, _ words: [String], _ number: Int?) {
        switch command {
        case "crash":
            nodes[index].crash()
            for other in nodes.indices { links[other][index] = [] }
        case "restart": nodes[index].start(at: now)
        case "wipe":
            let old = nodes[index].configuration.identity
            let fresh = identity(old.replica.rawValue, life: old.incarnation.value.low + 1)
            let genesis = Membership.voters(nodes.count).map { [ScheduledMembership(firstSlot: 1, membership: $0)] }
            nodes[index] = Node(configuration(fresh), memberships: genesis ?? [])
            nodes[index].recorded = []
            nodes[index].start(at: now)
        case "damage": damage(index, Slot(rawValue: UInt64(number ?? 0)), words.last == "header" ? .header : .bytes)
        case "checkpoint": nodes[index].checkpoint(tail: number ?? 0)
        case "install":
            let donor = nodes[(number ?? 1) - 1]
            guard let core = donor.core else { return }
            nodes[index].install(values: donor.applied, memberships: core.memberships)
        case "disk": output += nodes[index].disk.records.map(Self.text)
        default: output.append("no such command: \(command)")
        }
    }

    private static func text(_ record: DiskRecord) -> String {
        switch record.damage {
        case .none: record.record.text
        case .bytes: record.record.text + " (bytes damaged)"
        case .header: "(header damaged)"
        }
    }

    private mutating func damage(_ index: Int, _ slot: Slot, _ damage: Damage) {
        let last = nodes[index].disk.records.lastIndex {
            if case .accept(let accept) = $0.record { return accept.slot == slot }
            return false
        }
        if let last { nodes[index].disk.records[last].damage = damage }
    }

    // MARK: Messages

    /// Takes what a node did and sent.
    private mutating func collect(_ index: Int) {
        for line in nodes[index].recorded ?? [] { output.append("\(index + 1): \(line)") }
        nodes[index].recorded = []
        for envelope in nodes[index].outbox {
            links[index][Int(envelope.receiver.rawValue) - 1].append(envelope.message)
        }
        nodes[index].outbox = []
    }

    private mutating func transport(_ words: [String], isDropped: Bool) {
        let (sender, receiver) = ((Int(words[0]) ?? 1) - 1, (Int(words[1]) ?? 1) - 1)
        let count = words.count > 2 ? Int(words[2]) ?? 0 : links[sender][receiver].count
        for _ in 0..<min(count, links[sender][receiver].count) {
            let message = links[sender][receiver].removeFirst()
            if isDropped {
                output.append("dropped: \(message.text)")
            } else {
                deliver(message, sender, receiver)
            }
        }
    }

    private mutating func deliver(_ message: Message, _ sender: Int, _ receiver: Int) {
        output.append("\(sender + 1) -> \(receiver + 1): \(message.text)")
        nodes[receiver].step(.message(message, from: nodes[sender].configuration.identity))
        collect(receiver)
    }

    private mutating func settle() {
        var isMoving = true
        while isMoving {
            isMoving = false
            for index in nodes.indices where nodes[index].isUp {
                if !nodes[index].pending.isEmpty { isMoving = true }
                nodes[index].persist(.max)
                nodes[index].step(.flush)
                collect(index)
            }
            for sender in nodes.indices {
                for receiver in nodes.indices where !links[sender][receiver].isEmpty {
                    isMoving = true
                    transport(["\(sender + 1)", "\(receiver + 1)"], isDropped: false)
                }
            }
        }
        output = nodes.indices.map { index in
            "\(index + 1): applied " + nodes[index].applied.map(\.text).joined(separator: " ")
        }
    }

    private mutating func printState() {
        for (index, node) in nodes.enumerated() {
            guard let core = node.core else {
                output.append("\(index + 1): down")
                continue
            }
            output.append(
                "\(index + 1): \(core.roleState.text); promised \(core.promised.text); chosen through "
                    + "\(core.chosenThrough.rawValue); applied " + node.applied.map(\.text).joined(separator: " "))
        }
    }

    private mutating func printLinks() {
        for sender in nodes.indices {
            for receiver in nodes.indices {
                output += links[sender][receiver].map { "\(sender + 1) -> \(receiver + 1): \($0.text)" }
            }
        }
    }
}
