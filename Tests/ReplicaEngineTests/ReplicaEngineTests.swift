import CoreTypes
import DurableLog
import PosixIO
import SystemPackage
import Testing
import ZnodeTree
import ZooKeeperWire

@testable import ReplicaEngine

@Suite("Engine")
struct ReplicaEngineTests {
    @Test("nothing is applied or answered before it is durable")
    func durableFirst() throws {
        let driver = try EngineDriver()
        driver.open()
        driver.submit(.create) { $0.append(createRequest: "/a", data: [1]) }
        driver.engine.endOfInput()
        driver.engine.processCompletions()
        #expect(driver.replies.isEmpty)
        #expect(driver.stat("/a") == nil)
        driver.settle()
        #expect(driver.replies == ["executed 0"])
        #expect(driver.stat("/a") != nil)
        try driver.engine.close()
    }

    @Test("the commands of a turn share a slot, and one write makes them durable")
    func batches() throws {
        let driver = try EngineDriver()
        driver.open()
        let before = driver.engine.status
        for number in 0..<50 { driver.submit(.create) { $0.append(createRequest: "/n\(number)", data: nil) } }
        driver.settle()
        let after = driver.engine.status
        #expect(after.appliedSlot.rawValue == before.appliedSlot.rawValue + 1)
        #expect(after.log.groupCount == before.log.groupCount + 1)
        #expect(after.znodeCount == before.znodeCount + 50)
        try driver.engine.close()
    }

    @Test("events come before the result that shows them, and watches fire once")
    func watches() throws {
        let driver = try EngineDriver()
        driver.open()
        let path = Array("/w".utf8)
        driver.engine.watches.add(driver.attachment, .data, path: path.span.bytes)
        driver.submit(.create) { $0.append(createRequest: "/w", data: nil) }
        driver.submit(.setData) { $0.append(setDataRequest: "/w", data: [1], version: 0) }
        driver.settle()
        #expect(driver.replies == ["nodeCreated /w", "executed 0", "executed 0"])
        try driver.engine.close()
    }

    @Test("all events of a slot come before its results: a read that follows a result sees the whole slot")
    func eventsOfTheSlot() throws {
        let driver = try EngineDriver()
        driver.open()
        let path = Array("/w".utf8)
        driver.engine.watches.add(driver.attachment, .data, path: path.span.bytes)
        driver.submit(.create) { $0.append(createRequest: "/v", data: nil) }
        driver.submit(.create) { $0.append(createRequest: "/w", data: nil) }
        driver.settle()
        #expect(driver.replies == ["nodeCreated /w", "executed 0", "executed 0"])
        try driver.engine.close()
    }

    @Test("a barrier is reached when what was accepted before it is applied")
    func barrier() throws {
        let driver = try EngineDriver()
        driver.open()
        driver.engine.barrier(driver.attachment, token: 1)
        #expect(driver.replies == ["barrier 1"])
        driver.submit(.create) { $0.append(createRequest: "/b", data: nil) }
        driver.engine.barrier(driver.attachment, token: 2)
        #expect(driver.replies == ["barrier 1"])
        driver.settle()
        #expect(driver.replies == ["barrier 1", "executed 0", "barrier 2"])
        try driver.engine.close()
    }

    @Test("a session that is not heard of expires, and its ephemerals go")
    func expiry() throws {
        let driver = try EngineDriver()
        driver.open(timeoutMilliseconds: 2_000)
        driver.submit(.create) { $0.append(createRequest: "/e", data: nil, mode: .ephemeral) }
        driver.settle()
        let start = driver.engine.now
        driver.engine.tick(now: start.adding(milliseconds: 1_500))
        driver.engine.touch(driver.session)
        driver.engine.tick(now: start.adding(milliseconds: 3_000))
        driver.settle()
        #expect(driver.stat("/e") != nil)
        driver.engine.tick(now: start.adding(milliseconds: 4_500))
        driver.settle()
        #expect(driver.stat("/e") == nil)
        #expect(driver.sessionEvents == [.opened, .expired])
        try driver.engine.close()
    }

    @Test("a second opener is refused, and the directory is free after the end")
    func lock() throws {
        let driver = try EngineDriver()
        #expect(throws: EngineError.self) { _ = try EngineDriver(fileSystem: driver.fileSystem, base: driver.base) }
        try driver.engine.close()
        let again = try EngineDriver(fileSystem: driver.fileSystem, base: driver.base)
        #expect(again.engine.replay.log.wasCleanStop)
        #expect(again.engine.replay.slotCount == 0)
        try again.engine.close()
    }

    @Test("after a crash everything acknowledged is there, and sessions live on")
    func crash() throws {
        let driver = try EngineDriver()
        driver.open()
        for number in 0..<20 {
            driver.submit(.create) { $0.append(createRequest: "/c\(number)", data: [UInt8(number)]) }
            driver.settle()
        }
        // Accepted and not durable: it may be gone.
        driver.submit(.create) { $0.append(createRequest: "/late", data: nil) }
        driver.engine.endOfInput()
        let crashed = MemoryFileSystem(image: driver.fileSystem.image.crashed { _ in .lost })
        let again = try EngineDriver(fileSystem: crashed, base: driver.base)
        for number in 0..<20 { #expect(again.stat("/c\(number)") != nil, "\(number)") }
        #expect(again.stat("/late") == nil)
        #expect(again.engine.replay.slotCount == 21)
        again.attach(driver.session)
        #expect(again.sessionEvents == [.attached])
        again.submit(.create) { $0.append(createRequest: "/after", data: nil) }
        again.settle()
        #expect(again.replies == ["executed 0"])
        try again.engine.close()
    }

    @Test("a replay that is too much for one checkpoint is cut in two, which may be interrupted")
    func longReplay() throws {
        let driver = try EngineDriver()
        driver.open()
        for number in 0..<20 {
            driver.submit(.create) { $0.append(createRequest: "/c\(number)", data: [UInt8(number)]) }
            driver.settle()
        }
        func check(_ driver: EngineDriver) {
            for number in 0..<20 { #expect(driver.stat("/c\(number)") != nil, "\(number)") }
        }
        var options = EngineDriver.options()
        options.commandsPerCheckpointMax = 8
        options.runsMaintenanceThreads = false
        let base = driver.base
        let image = driver.fileSystem.image.crashed { _ in .lost }
        let again = try EngineDriver(fileSystem: MemoryFileSystem(image: image), base: base, options: options)
        #expect(again.engine.replay.slotCount == 21)
        let frozenSlot = try #require(again.engine.read { $0.frozenDelta?.meta.appliedSlot.rawValue })
        #expect((8...10).contains(frozenSlot))
        check(again)
        again.engine.tick(now: again.engine.now)
        #expect(again.engine.stepMaintenance())
        again.engine.processCompletions()
        #expect(again.engine.status.checkpointSlot.rawValue == frozenSlot)
        check(again)
        // The second half is still in the log only.
        let third = try EngineDriver(
            fileSystem: MemoryFileSystem(image: again.fileSystem.image.crashed { _ in .lost }), base: base.copy(),
            options: options)
        #expect(third.engine.replay.checkpointSlot.rawValue == frozenSlot)
        check(third)
        try third.engine.close()
        while again.engine.stepMaintenance() { again.engine.processCompletions() }
        #expect(again.engine.status.checkpointSlot == again.engine.appliedSlot)
        check(again)
        try again.engine.close()
    }

    @Test("a log that fails stops the engine, and nothing more is answered")
    func logFailure() throws {
        let driver = try EngineDriver()
        driver.open()
        driver.fileSystem.inject(FaultInjection(.write, errno: .ioError))
        driver.submit(.create) { $0.append(createRequest: "/a", data: nil) }
        driver.settle()
        #expect(driver.replies.isEmpty)
        #expect(driver.stopReason != nil)
        #expect(driver.submit(.create) { $0.append(createRequest: "/b", data: nil) } == .stopped)
        #expect(throws: EngineError.self) { try driver.engine.close() }
    }
}
