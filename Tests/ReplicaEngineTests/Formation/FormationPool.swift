import Consensus
import CoreTypes
import ReplicaEngine

/// Formations and records by small numbers, and what each input makes of each formation: a state of an exploration is
/// then a few numbers, and every step is computed once.
final class FormationPool {
    enum Input: Hashable {
        case start
        case connected(replica: Int, incarnation: UInt8)
        case disconnected(replica: Int)
        case received(record: UInt8, replica: Int, incarnation: UInt8)
        case recordIsDurable
    }

    enum Effect {
        case tell(record: UInt8, to: Int)
        case take(record: UInt8)
        /// Under another incarnation than the replica has: without a vote.
        case takeUnnamed(record: UInt8)
        case refuse(String)
    }

    private struct Step: Hashable {
        var formation: Int
        var input: Input
    }

    /// No record.
    static let none: UInt8 = 0
    private static let numbers = (1...3).map { ReplicaID(rawValue: UInt8($0)) }

    private var formations: [Formation] = []
    private var numberOfFormation: [Formation: Int] = [:]
    private var records: [FoundingRecord] = []
    private var results: [Step: (formation: Int, effects: [Effect])] = [:]

    static func identity(_ replica: Int, _ incarnation: UInt8) -> ReplicaIdentity {
        ReplicaIdentity(
            replica: numbers[replica],
            incarnation: Incarnation(Identifier128(high: UInt64(replica), low: UInt64(incarnation))))
    }

    /// A formation as it is when a process begins.
    func make(replica: Int, incarnation: UInt8, life: UInt8, disk: UInt8) -> Int {
        guard let configured = ConfiguredMembers(voters: FormationPool.numbers, observers: []) else {
            invariantBroken("three voters are no members", #fileID, #line)
        }
        return number(
            of: Formation(
                own: FormationPool.identity(replica, incarnation), configured: configured, founding: record(disk),
                drawn: ClusterID(Identifier128(high: UInt64(replica) + 1, low: UInt64(life)))))
    }

    func step(_ formation: Int, _ input: Input) -> (formation: Int, effects: [Effect]) {
        let step = Step(formation: formation, input: input)
        if let known = results[step] { return known }
        var next = formations[formation]
        var effects: [FormationEffect] = []
        switch input {
        case .start: next.start(into: &effects)
        case .connected(let replica, let incarnation):
            next.connected(FormationPool.identity(replica, incarnation), into: &effects)
        case .disconnected(let replica): next.disconnected(FormationPool.numbers[replica])
        case .received(let number, let replica, let incarnation):
            let facts = FormationFacts(configuredVoters: FormationPool.numbers, founding: record(number))
            next.received(facts, from: FormationPool.identity(replica, incarnation), into: &effects)
        case .recordIsDurable: next.recordIsDurable(into: &effects)
        }
        let result = (number(of: next), effects.map(translate))
        results[step] = result
        return result
    }

    func founding(of formation: Int) -> UInt8 { number(of: formations[formation].founding) }

    func names(_ record: UInt8, _ replica: Int, _ incarnation: UInt8) -> Bool {
        self.record(record)?.contains(FormationPool.identity(replica, incarnation)) == true
    }

    private func translate(_ effect: FormationEffect) -> Effect {
        switch effect {
        case .send(let facts, let peer): .tell(record: number(of: facts.founding), to: Int(peer.rawValue) - 1)
        case .found(let record), .adopt(let record): .take(record: number(of: record))
        case .mustBeReadmitted(let record): .takeUnnamed(record: number(of: record))
        case .refuse(let refusal): .refuse("\(refusal)")
        }
    }

    private func number(of formation: Formation) -> Int {
        if let number = numberOfFormation[formation] { return number }
        formations.append(formation)
        numberOfFormation[formation] = formations.count - 1
        return formations.count - 1
    }

    private func number(of record: FoundingRecord?) -> UInt8 {
        guard let record else { return FormationPool.none }
        if let index = records.firstIndex(of: record) { return UInt8(index + 1) }
        records.append(record)
        return UInt8(records.count)
    }

    private func record(_ number: UInt8) -> FoundingRecord? {
        number == FormationPool.none ? nil : records[Int(number) - 1]
    }
}
