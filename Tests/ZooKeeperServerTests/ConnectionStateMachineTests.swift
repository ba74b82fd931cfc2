import CoreTypes
import Testing
import ZooKeeperWire

@testable import ZooKeeperServer

@Suite("the order of one connection")
struct ConnectionStateMachineTests {
    private let password = SessionPassword(high: 1, low: 2)
    private let session = SessionID(rawValue: 7)

    /// A machine whose session is open.
    private func served() -> ConnectionStateMachine {
        var machine = ConnectionStateMachine()
        _ = connect(&machine, ConnectRequest(timeoutMilliseconds: 10_000))
        _ = machine.connected(session: session, timeoutMilliseconds: 10_000)
        return machine
    }

    private func connect(
        _ machine: inout ConnectionStateMachine, _ request: ConnectRequest
    ) -> ConnectionStateMachine.ConnectAction {
        machine.received(connect: request, newPassword: password, appliedZxid: 100, timeoutBounds: 4_000...40_000)
    }

    private func request(
        _ machine: inout ConnectionStateMachine, _ xid: Int32, _ operation: OpCode
    ) -> ConnectionStateMachine.RequestAction {
        machine.received(RequestHeader(xid: xid, operation: operation), at: 0)
    }

    // MARK: Connecting

    @Test(
        "what a client asks for is clamped",
        arguments: [(1, 4_000), (-5, 4_000), (6_500, 6_500), (1_000_000, 40_000)] as [(Int32, UInt32)])
    func timeouts(asked: Int32, granted: UInt32) {
        var machine = ConnectionStateMachine()
        #expect(
            connect(&machine, ConnectRequest(timeoutMilliseconds: asked)) == .open(timeoutMilliseconds: granted))
    }

    @Test("a new session gets a new password, an old one keeps the one that was right")
    func passwords() {
        var machine = ConnectionStateMachine()
        _ = connect(&machine, ConnectRequest(timeoutMilliseconds: 5_000, isReadOnlyAllowed: nil))
        #expect(
            machine.connected(session: session, timeoutMilliseconds: 5_000)
                == ConnectResponse(timeoutMilliseconds: 5_000, session: session, password: password, isReadOnly: nil))
        var again = ConnectionStateMachine()
        let known = SessionPassword(high: 8, low: 9)
        let request = ConnectRequest(timeoutMilliseconds: 5_000, session: session, password: known)
        #expect(
            connect(&again, request) == .attach(session: session, password: known, timeoutMilliseconds: 5_000))
        #expect(again.connected(session: session, timeoutMilliseconds: 5_000).password == known)
    }

    @Test("a client that has seen more than this replica gets no answer")
    func behind() {
        var machine = ConnectionStateMachine()
        #expect(connect(&machine, ConnectRequest(lastZxidSeen: 101, timeoutMilliseconds: 5_000)) == .closeBehind)
        #expect(machine.isFinished)
        var equal = ConnectionStateMachine()
        #expect(connect(&equal, ConnectRequest(lastZxidSeen: 100, timeoutMilliseconds: 5_000)) != .closeBehind)
    }

    @Test("a password of the wrong size is refused without asking anybody")
    func oddPassword() {
        var machine = ConnectionStateMachine()
        let request = ConnectRequest(timeoutMilliseconds: 5_000, session: session, password: nil)
        #expect(connect(&machine, request) == .refuse(.refused(isReadOnly: false)))
        #expect(machine.isFinished)
    }

    @Test("until the session is judged no request is taken")
    func connecting() {
        var machine = ConnectionStateMachine()
        _ = connect(&machine, ConnectRequest(timeoutMilliseconds: 5_000))
        #expect(request(&machine, 1, .getData) == .ignore)
        #expect(machine.refused() == .refused(isReadOnly: false))
        #expect(machine.isFinished)
    }

    // MARK: Order

    @Test("a read is executed at once when nothing is outstanding, and waits behind a write otherwise")
    func readsBehindWrites() {
        var machine = served()
        #expect(request(&machine, 1, .getData) == .execute)
        #expect(request(&machine, 2, .setData) == .submit(sequence: 1, followsWaiting: false))
        #expect(request(&machine, 3, .getData) == .keep)
        #expect(request(&machine, 4, .create) == .submit(sequence: 2, followsWaiting: true))
        #expect(request(&machine, 5, .ping) == .keep)
        #expect(machine.nextReady() == nil)
        #expect(machine.applied(sequence: 1)?.xid == 2)
        #expect(machine.nextReady()?.xid == 3)
        #expect(machine.nextReady() == nil)
        #expect(machine.applied(sequence: 2)?.xid == 4)
        #expect(machine.nextReady()?.operation == .ping)
        #expect(machine.nextReady() == nil && machine.outstandingCount == 0)
    }

    @Test("a command is kept apart from the one before it when something between them waits to be executed")
    func followsWaiting() {
        var machine = served()
        #expect(request(&machine, 1, .setData) == .submit(sequence: 1, followsWaiting: false))
        #expect(request(&machine, 2, .setData) == .submit(sequence: 2, followsWaiting: false))
        _ = request(&machine, 3, .exists)
        #expect(request(&machine, 4, .delete) == .submit(sequence: 3, followsWaiting: true))
        #expect(request(&machine, 5, .delete) == .submit(sequence: 4, followsWaiting: false))
        _ = request(&machine, 6, .sync)
        #expect(request(&machine, 7, .delete) == .submit(sequence: 5, followsWaiting: true))
    }

    @Test("a result out of turn is told apart")
    func outOfTurn() {
        var machine = served()
        _ = request(&machine, 1, .setData)
        _ = request(&machine, 2, .setData)
        #expect(machine.applied(sequence: 2) == nil)
        #expect(machine.reached(token: 1) == nil)
        #expect(machine.applied(sequence: 1) != nil)
    }

    @Test("a sync waits for its barrier, and what follows waits for the sync")
    func barriers() {
        var machine = served()
        #expect(request(&machine, 1, .sync) == .barrier(token: 1))
        #expect(request(&machine, 2, .getData) == .keep)
        #expect(request(&machine, 3, .sync) == .barrier(token: 2))
        #expect(machine.reached(token: 2) == nil)
        #expect(machine.reached(token: 1)?.xid == 1)
        #expect(machine.nextReady()?.xid == 2)
        #expect(machine.reached(token: 2)?.xid == 3)
    }

    @Test("a command that the engine does not take leaves no gap in the sequences, and its error keeps its place")
    func refusedCommands() {
        var machine = served()
        _ = request(&machine, 1, .setData)
        _ = request(&machine, 2, .setData)
        #expect(machine.submitRefused(with: .systemError) == .wait)
        #expect(request(&machine, 3, .setData) == .submit(sequence: 2, followsWaiting: true))
        #expect(machine.applied(sequence: 1)?.xid == 1)
        #expect(machine.nextReady()?.awaits == .turnToFail(.systemError))
        #expect(machine.applied(sequence: 2)?.xid == 3)
        _ = request(&machine, 4, .setData)
        #expect(machine.submitRefused(with: .systemError) == .fail(.systemError))
    }

    // MARK: Ends

    @Test("after closeSession nothing is taken, and the connection ends with its reply")
    func closeSession() {
        var machine = served()
        _ = request(&machine, 1, .setData)
        #expect(request(&machine, 2, .closeSession) == .submit(sequence: 2, followsWaiting: false))
        #expect(request(&machine, 3, .getData) == .ignore)
        _ = machine.applied(sequence: 1)
        #expect(!machine.isFinished)
        _ = machine.applied(sequence: 2)
        #expect(machine.isFinished)
    }

    @Test(
        "what is not for clients, or not known, is answered in its turn and ends the connection",
        arguments: [13, 20, -10, -1, 0, 10, 500, 999, 102, Int32.min, Int32.max])
    func unknownOperations(code: Int32) {
        var machine = served()
        #expect(request(&machine, 1, OpCode(rawValue: code)) == .fail(.unimplemented))
        #expect(machine.isFinished)
        var busy = served()
        _ = request(&busy, 1, .setData)
        #expect(request(&busy, 2, OpCode(rawValue: code)) == .wait)
        #expect(request(&busy, 3, .getData) == .ignore)
        _ = busy.applied(sequence: 1)
        #expect(!busy.isFinished)
        #expect(busy.nextReady()?.awaits == .turnToFail(.unimplemented))
        #expect(busy.isFinished)
    }

    @Test("reconfig is known and not served: an error, and the connection stays")
    func unsupported() {
        var machine = served()
        #expect(request(&machine, 1, .reconfig) == .fail(.unimplemented))
        #expect(!machine.isFinished && request(&machine, 2, .getData) == .execute)
    }

    @Test("a failed auth ends the connection after its answer, a proven one does not")
    func auth() {
        var machine = served()
        let header = RequestHeader(xid: -4, operation: .auth)
        #expect(machine.receivedAuth(header, isProven: true, at: 0) == .fail(.ok))
        #expect(!machine.isFinished)
        _ = request(&machine, 1, .setData)
        #expect(machine.receivedAuth(header, isProven: false, at: 0) == .wait)
        _ = machine.applied(sequence: 1)
        #expect(machine.nextReady()?.awaits == .turnToFail(.authFailed))
        #expect(machine.isFinished)
    }

    @Test("a connection that is gone answers nothing")
    func closed() {
        var machine = served()
        _ = request(&machine, 1, .setData)
        _ = request(&machine, 2, .getData)
        machine.closed()
        #expect(machine.applied(sequence: 1) == nil && machine.nextReady() == nil && machine.isFinished)
        #expect(request(&machine, 3, .getData) == .ignore)
    }

    @Test("whatever is asked in whatever order, replies leave in the order of the requests")
    func randomOrders() {
        for seed in UInt64(0)..<200 {
            var random = SplitMix64(seed: seed)
            var machine = served()
            var answered: [Int32] = []
            var submitted: [(isBarrier: Bool, number: UInt64)] = []
            var xid: Int32 = 0
            func complete() {
                guard !submitted.isEmpty else { return }
                let next = submitted.removeFirst()
                let request =
                    next.isBarrier ? machine.reached(token: next.number) : machine.applied(sequence: next.number)
                answered.append(request?.xid ?? -1)
                while let ready = machine.nextReady() { answered.append(ready.xid) }
            }
            for _ in 0..<60 {
                if random.next() % 3 == 0 {
                    complete()
                    continue
                }
                let operations: [OpCode] = [.getData, .setData, .sync, .ping, .create, .exists]
                xid += 1
                switch request(&machine, xid, operations[Int(random.next() % 6)]) {
                case .submit(let sequence, _):
                    if random.next() % 8 == 0 {
                        if machine.submitRefused(with: .systemError) == .fail(.systemError) { answered.append(xid) }
                    } else {
                        submitted.append((false, sequence))
                    }
                case .barrier(let token): submitted.append((true, token))
                case .execute, .fail: answered.append(xid)
                case .keep, .wait, .ignore: break
                }
            }
            while !submitted.isEmpty { complete() }
            #expect(answered == Array(1...xid), "seed \(seed)")
        }
    }
}
