import CoreTypes
import Testing
import ZooKeeperWire

@testable import Aviary

@Suite("What is handed over to the driver")
struct MailboxTests {
    private let mailbox = Mailbox()
    private let session = LocalSession(
        id: SessionID(rawValue: 1), attachment: AttachmentID(rawValue: 4), renewalMilliseconds: nil)

    /// Hands over a write of some bytes and ends whoever waits for it.
    private func append(_ bytes: [UInt8]) async -> Mailbox.Outcome {
        var outcome = Mailbox.Outcome.refused
        let _: WriteOutcome = await withUnsafeContinuation { completion in
            outcome = mailbox.append(kind: 5, session: session, completion: completion) { body in
                for byte in bytes { body.append(littleEndian: byte) }
            }
            completion.resume(returning: .sessionOver)
        }
        return outcome
    }

    @Test("a write is unseen until somebody drives, and again once he left; what it says is taken over whole and once")
    func watching() async {
        var taken = Inbox()
        let before = await append([1, 2])
        mailbox.takeOver(into: &taken, awaiting: 0)
        let first = (taken.writes.map(\.bytes), [UInt8](copying: taken.bytes.bytes))
        taken.removeAll()
        let during = await append([3])
        mailbox.leave()
        let isLeft = !mailbox.isEmpty
        let after = await append([4])
        mailbox.takeOver(into: &taken, awaiting: 0)
        let second = (taken.writes.map(\.bytes), [UInt8](copying: taken.bytes.bytes))
        taken.removeAll()
        mailbox.leave()
        let isLeftAtEnd = !mailbox.isEmpty
        #expect(before == .isUnseen)
        #expect(during == .isSeen)
        #expect(after == .isUnseen)
        #expect(first.0 == [0..<2])
        #expect(first.1 == [1, 2])
        #expect(second.0 == [0..<1, 1..<2])
        #expect(second.1 == [3, 4])
        #expect(isLeft)
        #expect(!isLeftAtEnd)
    }

    @Test("the last write that the driver waits for is told apart, counted from what was there when he said so")
    func awaited() async {
        var taken = Inbox()
        _ = await append([1])
        mailbox.takeOver(into: &taken, awaiting: 3)
        let outcomes = [await append([2]), await append([3]), await append([4])]
        taken.removeAll()
        mailbox.takeOver(into: &taken, awaiting: 3)
        let later = await append([5])
        #expect(outcomes == [.isSeen, .isLastAwaited, .isSeen])
        #expect(later == .isSeen)
    }

    @Test("once closed nothing is taken, and it is closed once")
    func closed() async {
        let isFirst = mailbox.close { _ in }
        let isFirstAgain = mailbox.close { _ in }
        let write = await append([1])
        let isJobTaken = mailbox.append(job: { _, _ in })
        #expect(isFirst)
        #expect(!isFirstAgain)
        #expect(write == .refused)
        #expect(!isJobTaken)
        #expect(mailbox.stop != nil)
    }
}
