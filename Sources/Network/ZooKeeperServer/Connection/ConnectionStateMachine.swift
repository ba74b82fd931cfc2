import CoreTypes
import NIOCore
import ZooKeeperWire

/// What one connection may do next, and in which order it is answered.
///
/// A pure value: no channel, no clock, no engine. Phases: a connection awaits its first frame; then it is *connecting*,
/// until its session was judged at apply; then it is *served*; once it must end it is *closing*, takes no more requests
/// and ends when the last one taken is answered.
///
/// Invariants:
/// - requests are answered in the order in which they were taken: only the head of the queue is answered;
/// - a local request is executed when nothing taken before it is unanswered, so it sees its connection's own writes;
/// - a command that follows a waiting request is applied after that was executed, so it is not seen too early;
/// - the sequences of commands are 1, 2, 3, ... without a gap, in the order in which the commands were taken.
struct ConnectionStateMachine {
    enum Phase: Equatable {
        case awaitingConnect
        /// The session is being opened or attached; requests that were sent already must wait unread.
        case connecting
        case served
        /// Ends when what is outstanding is answered.
        case closing
        /// Ended; nothing is sent any more.
        case closed
    }

    /// What to do with the first frame.
    enum ConnectAction: Equatable {
        case open(timeoutMilliseconds: UInt32)
        case attach(session: SessionID, password: SessionPassword, timeoutMilliseconds: UInt32)
        /// Answer with this and close.
        case refuse(ConnectResponse)
        /// Close without an answer: the client has seen more than this replica, and must look for another one.
        case closeBehind
    }

    /// What to do with a request.
    enum RequestAction: Equatable {
        /// Submit it as the command with this sequence. If it follows a request that must be executed before it is
        /// applied, it must not share a slot with the command that this request waits for.
        case submit(sequence: UInt64, followsWaiting: Bool)
        /// Keep its body for the answer, and set a barrier with this token.
        case barrier(token: UInt64)
        /// Execute it now.
        case execute
        /// Keep its body: `nextReady` will name it when its turn has come.
        case keep
        /// Answer it with this error now.
        case fail(ErrorCode)
        /// Nothing: its answer is known and waits for its turn.
        case wait
        /// Nothing: the connection is ending.
        case ignore
    }

    private(set) var phase = Phase.awaitingConnect
    private(set) var session = SessionID.none
    private(set) var timeoutMilliseconds: UInt32 = 0
    /// What the session will have, or is claimed to have, until it was judged.
    private(set) var password = SessionPassword.zero
    /// Whether the client's first frame had the read-only flag, and so the answer must have it.
    private var hasReadOnlyFlag = false
    private var queue = CircularBuffer<Outstanding>(initialCapacity: 8)
    private var nextSequence: UInt64 = 1
    private var nextToken: UInt64 = 1

    init() {}

    /// Requests taken and not answered.
    var outstandingCount: Int { queue.count }

    /// True when nothing is left but to close the channel.
    var isFinished: Bool { phase == .closed || (phase == .closing && queue.isEmpty) }

    // MARK: Connecting

    /// The first frame.
    ///
    /// - Parameters:
    ///   - newPassword: 16 secure random bytes, used if the client asks for a new session.
    ///   - appliedZxid: what this replica has applied; the most there is, if a session is opened or attached only after
    ///     everything acknowledged before is applied here, as in a cluster.
    ///   - timeoutBounds: what sessions may be granted, in milliseconds.
    mutating func received(
        connect: ConnectRequest, newPassword: SessionPassword, appliedZxid: Int64, timeoutBounds: ClosedRange<Int>
    ) -> ConnectAction {
        invariant(phase == .awaitingConnect, "a first frame in phase \(phase)")
        hasReadOnlyFlag = connect.isReadOnlyAllowed != nil
        if connect.lastZxidSeen > appliedZxid {
            phase = .closed
            return .closeBehind
        }
        let wanted = Int(connect.timeoutMilliseconds)
        let granted = UInt32(min(max(wanted, timeoutBounds.lowerBound), timeoutBounds.upperBound))
        if connect.session == .none {
            phase = .connecting
            password = newPassword
            return .open(timeoutMilliseconds: granted)
        }
        guard let known = connect.password else { return .refuse(refused()) }
        phase = .connecting
        password = known
        return .attach(session: connect.session, password: known, timeoutMilliseconds: granted)
    }

    /// The session was opened or attached at apply: from here on requests are taken.
    mutating func connected(session: SessionID, timeoutMilliseconds: UInt32) -> ConnectResponse {
        invariant(phase == .connecting, "a session in phase \(phase)")
        phase = .served
        self.session = session
        self.timeoutMilliseconds = timeoutMilliseconds
        return ConnectResponse(
            timeoutMilliseconds: Int32(clamping: timeoutMilliseconds), session: session, password: password,
            isReadOnly: hasReadOnlyFlag ? false : nil)
    }

    /// The session does not exist, or the password is not its own.
    mutating func refused() -> ConnectResponse {
        phase = .closing
        return .refused(isReadOnly: hasReadOnlyFlag ? false : nil)
    }

    // MARK: Requests

    /// A request but auth.
    mutating func received(_ header: RequestHeader, at now: Int64) -> RequestAction {
        guard phase == .served else { return .ignore }
        switch RequestKind(header.operation) {
        case .write:
            return submit(header, at: now)
        case .local:
            if queue.isEmpty { return .execute }
            append(header, .turn, at: now)
            return .keep
        case .barrier:
            let token = nextToken
            nextToken += 1
            append(header, .barrier(token: token), at: now)
            return .barrier(token: token)
        case .closeSession:
            phase = .closing
            return submit(header, at: now)
        case .unsupported:
            return fail(header, with: .unimplemented, at: now)
        case .unknown, .auth:
            phase = .closing
            return fail(header, with: .unimplemented, at: now)
        }
    }

    /// An auth packet, which was judged already.
    mutating func receivedAuth(_ header: RequestHeader, isProven: Bool, at now: Int64) -> RequestAction {
        guard phase == .served else { return .ignore }
        if !isProven { phase = .closing }
        return fail(header, with: isProven ? .ok : .authFailed, at: now)
    }

    /// The engine did not take the command that was just to be submitted: its sequence is given to the next one.
    mutating func submitRefused(with error: ErrorCode) -> RequestAction {
        guard let last = queue.popLast(), case .command(nextSequence - 1) = last.awaits else {
            invariantBroken("a refused command that was not the last one taken", #fileID, #line)
        }
        nextSequence -= 1
        return fail(RequestHeader(xid: last.xid, operation: last.operation), with: error, at: last.receivedAt)
    }

    // MARK: Answers

    /// The command with this sequence was applied; it is answered now.
    ///
    /// - Returns: nil if it is not the head of the queue: then order is lost and the connection must end.
    mutating func applied(sequence: UInt64) -> Outstanding? {
        guard let head = queue.first, head.awaits == .command(sequence: sequence) else { return nil }
        return queue.removeFirst()
    }

    /// The barrier with this token is reached; it is answered now.
    ///
    /// - Returns: nil if it is not the head of the queue.
    mutating func reached(token: UInt64) -> Outstanding? {
        guard let head = queue.first, head.awaits == .barrier(token: token) else { return nil }
        return queue.removeFirst()
    }

    /// The head of the queue if all that it waited for was its turn; call it after each answer until it gives nil.
    mutating func nextReady() -> Outstanding? {
        guard phase != .closed, let head = queue.first else { return nil }
        switch head.awaits {
        case .command, .barrier: return nil
        case .turn, .turnToFail: return queue.removeFirst()
        }
    }

    /// Takes no more requests; ends when the outstanding ones are answered.
    mutating func close() {
        if phase != .closed { phase = .closing }
    }

    /// The channel is gone, or must go at once: nothing is answered any more.
    mutating func closed() {
        phase = .closed
        queue.removeAll()
    }

    // MARK: Inside

    private mutating func submit(_ header: RequestHeader, at now: Int64) -> RequestAction {
        let sequence = nextSequence
        nextSequence += 1
        var followsWaiting = false
        if let last = queue.last {
            if case .command = last.awaits {} else { followsWaiting = true }
        }
        append(header, .command(sequence: sequence), at: now)
        return .submit(sequence: sequence, followsWaiting: followsWaiting)
    }

    private mutating func fail(_ header: RequestHeader, with error: ErrorCode, at now: Int64) -> RequestAction {
        if queue.isEmpty { return .fail(error) }
        append(header, .turnToFail(error), at: now)
        return .wait
    }

    private mutating func append(_ header: RequestHeader, _ awaits: Outstanding.Awaits, at now: Int64) {
        queue.append(Outstanding(xid: header.xid, operation: header.operation, receivedAt: now, awaits: awaits))
    }
}
