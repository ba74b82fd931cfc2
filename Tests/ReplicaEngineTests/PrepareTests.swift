import CoreTypes
import DurableLog
import Testing
import ZnodeTree
import ZooKeeperWire

@testable import ReplicaEngine

@Suite("What is done while a driver waits for commands")
struct PrepareTests {
    private func submit(_ count: Int, from first: Int, to driver: EngineDriver) {
        for number in first..<first + count {
            driver.submit(.create) { $0.append(createRequest: "/n\(number)", data: nil) }
        }
        driver.engine.endBatch()
    }

    private func prepareAll(_ driver: EngineDriver) -> Int {
        var count = 0
        while driver.engine.prepare() { count += 1 }
        return count
    }

    @Test("look-ups go on where they stopped, and nothing is written or seen before the turn ends")
    func prepares() throws {
        let driver = try EngineDriver()
        driver.open()
        let before = driver.engine.status
        submit(20, from: 0, to: driver)
        submit(10, from: 20, to: driver)
        // Of a batch that is still open nothing is done.
        driver.submit(.create) { $0.append(createRequest: "/last", data: nil) }
        let stepCount = prepareAll(driver)
        #expect(stepCount == (Prefetcher.isWorthwhile ? 10 + 5 : 0))
        let wrote = driver.engine.log.stepWriter()
        #expect(!wrote)
        driver.engine.processCompletions()
        #expect(driver.replies.isEmpty && driver.stat("/n0") == nil)
        driver.settle()
        #expect(driver.replies == [String](repeating: "executed 0", count: 31))
        let after = driver.engine.status
        #expect(after.appliedSlot.rawValue == before.appliedSlot.rawValue + 3)
        #expect(after.log.groupCount == before.log.groupCount + 1)
        try driver.engine.close()
    }

    @Test("some batches are left to the apply, whose time says how long a replay would take")
    func leavesOut() throws {
        let driver = try EngineDriver()
        driver.open()
        var leftOutCount = 0
        for turn in 0..<122 {
            submit(1, from: turn, to: driver)
            if prepareAll(driver) == 0 { leftOutCount += 1 }
            driver.settle()
        }
        #expect(leftOutCount == (Prefetcher.isWorthwhile ? 2 : 122))
        try driver.engine.close()
    }

    @Test("the time of a batch with a multi counts as it is, that of look-ups done before does not")
    func replayTime() throws {
        let driver = try EngineDriver()
        driver.open()
        let sets = ProposalBatch()
        let mixed = ProposalBatch()
        for batch in [sets, mixed] {
            let body = ByteBuilder()
            body.append(setDataRequest: "/n", data: [1], version: -1)
            let header = CommandHeader(
                kind: OpCode.setData.rawValue, session: driver.session, attachment: driver.attachment, sequence: 1)
            for _ in 0..<4 { batch.append(header, identities: RawSpan(), body: body.bytes) }
        }
        let multi = CommandHeader(
            kind: OpCode.multi.rawValue, session: driver.session, attachment: driver.attachment, sequence: 5)
        mixed.append(multi, identities: RawSpan(), body: RawSpan())
        #expect(!sets.hidesReplayTime && !mixed.hidesReplayTime)
        for batch in [sets, mixed] { batch.lookUp(in: driver.engine.shared, count: 4) }
        #expect(sets.hidesReplayTime && sets.isLookedUp)
        #expect(mixed.hidesReplayTime && !mixed.isLookedUp)
        mixed.lookUp(in: driver.engine.shared, count: 4)
        #expect(!mixed.hidesReplayTime && mixed.isLookedUp)
        try driver.engine.close()
    }

    @Test("a batch that is used again begins anew")
    func reuse() throws {
        let driver = try EngineDriver()
        driver.open()
        submit(8, from: 0, to: driver)
        let first = prepareAll(driver)
        driver.settle()
        submit(8, from: 8, to: driver)
        let second = prepareAll(driver)
        driver.settle()
        #expect(first == second)
        #expect(driver.replies.count == 16)
        try driver.engine.close()
    }
}
