import CoreTypes
import Testing

@testable import Consensus

/// The decision of a new leader about one slot, over all answers of three acceptors.
@Suite struct RecoveryDecisionTests {
    /// What one acceptor can have to say.
    private enum Answer: CaseIterable {
        case silent, no, unknown, oldWhole, oldFaulty, newWhole, newFaulty, unknownWithOld
        /// It has something old, and may have accepted something new that is lost.
        case newLostWithOld
        case knowsChosen

        /// The ballots that it reports, falling, and whether it has the bytes: 1 for old, 2 for new.
        var reports: [(round: UInt64, hasBytes: Bool)] {
            switch self {
            case .oldWhole, .unknownWithOld: [(1, true)]
            case .oldFaulty: [(1, false)]
            case .newWhole: [(2, true)]
            case .newFaulty: [(2, false)]
            case .newLostWithOld: [(2, false), (1, true)]
            case .silent, .no, .unknown, .knowsChosen: []
            }
        }

        var isInformative: Bool { !reports.isEmpty && self != .unknownWithOld || self == .no }

        /// - Parameter isForgetful: whoever lost the bytes does not know their checksum any more.
        func reply(_ number: UInt8, isForgetful: Bool) -> PromiseReply? {
            guard self != .silent else { return nil }
            var promise = Promise(ballot: .of(9, 1), chosenThrough: .none, entries: [], unknown: [])
            promise.entries = reports.map { round, hasBytes in
                let lost = ValueDescriptor(byteCount: 0, checksum: 0, commandCount: 0)
                let value = isForgetful && !hasBytes ? lost : ValueDescriptor.number(round)
                return PromiseEntry(slot: 5, ballot: .of(round, 2), value: value, isWhole: hasBytes)
            }
            if self == .unknown || self == .unknownWithOld { promise.unknown = [SlotRange(first: 4, last: 6)] }
            if self == .knowsChosen { promise.chosenThrough = 5 }
            return PromiseReply(identity: identity(number), promise: promise)
        }
    }

    /// The rule, said in another way: by trying every past that the answers allow.
    private func expected(_ answers: [Answer]) -> String {
        guard answers.filter(\.isInformative).count >= 2 else { return "wait" }
        let rounds = Set(answers.flatMap { $0.reports.map(\.round) }).sorted(by: >)
        for round in rounds {
            if answers.contains(where: { $0.reports.contains { $0 == (round, true) } }) { return "propose \(round)" }
            // Who may have voted in this round: who says so or reports a later vote, and who gave no full answer.
            let possible = answers.filter { ($0.reports.first?.round ?? 0) >= round || !$0.isInformative }.count
            if possible >= 2 { return "wait" }
        }
        return "free"
    }

    @Test("all 1000 answers of three acceptors are decided by the rule", arguments: [false, true])
    func allAnswers(isForgetful: Bool) throws {
        let membership = try #require(Membership.voters(3))
        var counts: [String: Int] = [:]
        for first in Answer.allCases {
            for second in Answer.allCases {
                for third in Answer.allCases {
                    let answers = [first, second, third]
                    let replies = answers.enumerated().compactMap { $1.reply(UInt8($0 + 1), isForgetful: isForgetful) }
                    let decision = RecoveryDecision.make(slot: 5, replies: replies, membership: membership)
                    let text =
                        switch decision {
                        case .free: "free"
                        case .wait: "wait"
                        case .propose(let value, _): "propose \(value.checksum)"
                        }
                    #expect(text == expected(answers), "\(answers)")
                    counts[text, default: 0] += 1
                }
            }
        }
        #expect(counts.values.reduce(0, +) == 1_000)
        #expect(counts.keys.sorted() == ["free", "propose 1", "propose 2", "wait"])
    }

    @Test("an answer under another incarnation, or of an observer, counts for nothing")
    func strangers() throws {
        let membership = try #require(Membership.voters(3))
        let none = Promise(ballot: .of(9, 1), chosenThrough: .none, entries: [], unknown: [])
        let replies = [
            PromiseReply(identity: identity(1), promise: none),
            PromiseReply(identity: identity(2, life: 2), promise: none),
        ]
        #expect(RecoveryDecision.make(slot: 1, replies: replies, membership: membership) == .wait)
    }
}
