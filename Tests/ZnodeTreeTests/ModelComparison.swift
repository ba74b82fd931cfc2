import CoreTypes
import Jute
import Testing
import ZooKeeperWire

@testable import ZnodeTree

/// Drives tree and model with the same random commands and says where they first differ.
final class ModelComparison {
    struct Difference: Error, CustomStringConvertible {
        var description: String
    }

    private(set) var tree: ZnodeTree
    private(set) var model = ModelTree()
    private let base: ModelZnodeBase
    private var random: SplitMix64
    /// Its own, so that the same commands come with and without.
    private var prefetchRandom: SplitMix64
    private let output = ApplyOutput()
    private var nextSession: UInt64 = 0x0100_0000_0000_0001
    private var nextAttachment: UInt64 = 1
    /// What happened so often.
    private(set) var tallies: [String: Int] = [:]
    /// All proposals, to be replayed.
    private(set) var proposals: [[UInt8]] = []
    /// The base as of the last checkpoint, and how many proposals it holds.
    private(set) var checkpointCount = 0

    private let identitySets: [[AccessEntry]] = [
        [], [], [], [AccessEntry(permissions: [], scheme: "digest", id: "bob:h")],
        [
            AccessEntry(permissions: [], scheme: "digest", id: "eve:h"),
            AccessEntry(permissions: [], scheme: "digest", id: "bob:h"),
        ],
        [AccessEntry(permissions: [], scheme: "super", id: "")],
    ]

    init(seed: UInt64, base: ModelZnodeBase = ModelZnodeBase()) throws {
        self.base = base
        random = SplitMix64(seed: seed)
        prefetchRandom = SplitMix64(seed: seed)
        tree = try ZnodeTree(base: base)
    }

    private func tally(_ what: String) { tallies[what, default: 0] += 1 }

    private func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

    /// One proposal of a few commands, then perhaps a step of a checkpoint.
    func step() throws {
        let proposal = ByteBuilder()
        let count = Int.random(in: 0...5, using: &random)
        let stamp = model.time + Int64.random(in: -3...12, using: &random)
        ProposalHeader(commandCount: UInt32(count), time: WallClockTime(rawValue: stamp)).append(to: proposal)
        model.time = max(model.time, stamp)
        model.events = []
        var expected: [Expected] = []
        for _ in 0..<count { appendCommand(to: proposal, &expected) }
        proposals.append([UInt8](copying: proposal.bytes))
        prefetch()
        output.removeAll()
        try tree.apply(slot: tree.appliedSlot.next, proposal: proposal.bytes, into: output)
        try compareOutput(expected)
        try stepCheckpoint()
    }

    /// Looks ahead: at this proposal, or at one that was applied long ago, or not at all. Nothing may come of it.
    private func prefetch() {
        guard Bool.random(using: &prefetchRandom), let newest = proposals.last else { return }
        let other = proposals[Int.random(in: proposals.indices, using: &prefetchRandom)]
        let proposal = Int.random(in: 0..<3, using: &prefetchRandom) == 0 ? other : newest
        // In one go or in parts, and perhaps not to the end.
        let count = Int.random(in: 1...8, using: &prefetchRandom)
        let next = tree.prefetch(proposal.span.bytes, count: count).next
        if Bool.random(using: &prefetchRandom) { tree.prefetch(proposal.span.bytes, from: next) }
        tally("prefetch")
    }

    private struct Expected {
        var outcome: CommandOutcome
        var error: ErrorCode
        var body: [UInt8]
        var zxid: Int64
    }

    private func appendCommand(to proposal: ByteBuilder, _ expected: inout [Expected]) {
        let sessions = model.sessions.keys.sorted()
        if sessions.isEmpty || sessions.count < 4 && chance(20) { return openSession(proposal) }
        let session = sessions[Int.random(in: 0..<sessions.count, using: &random)]
        if chance(40) { return attach(session, proposal) }
        if chance(60) { return expire(session, proposal) }
        if chance(12) { return reap(proposal) }
        if chance(30) { return closeOrMisuse(session, proposal, &expected) }
        appendClientCommand(session, proposal, &expected)
    }

    private func appendClientCommand(_ session: UInt64, _ proposal: ByteBuilder, _ expected: inout [Expected]) {
        guard let state = model.sessions[session] else { return }
        let command = ModelCommand.random(using: &random)
        let identities = identitySets[Int.random(in: 0..<identitySets.count, using: &random)]
        append(command.operation, session, state.attachment, state.next, identities, bytes(command.encode), proposal)
        model.sessions[session]?.next += 1
        model.zxid += 1
        do throws(ModelTree.Refusal) {
            let body = try model.execute(command, session: session, identities: identities)
            expected.append(Expected(outcome: .executed, error: .ok, body: body, zxid: model.zxid))
            tally("\(command.operation.rawValue) ok")
        } catch {
            expected.append(Expected(outcome: .executed, error: error.code, body: [], zxid: model.zxid))
            tally("error \(error.code.rawValue)")
        }
    }

    /// A close, or a command that must not be executed.
    private func closeOrMisuse(_ session: UInt64, _ proposal: ByteBuilder, _ expected: inout [Expected]) {
        guard let state = model.sessions[session] else { return }
        func refuse(_ outcome: CommandOutcome, _ error: ErrorCode) {
            expected.append(Expected(outcome: outcome, error: error, body: [], zxid: model.zxid))
            tally("\(outcome)")
        }
        let command = bytes { $0.append(createRequest: "/misuse", data: nil) }
        switch Int.random(in: 0..<5, using: &random) {
        case 0:
            append(.closeSession, session, state.attachment, state.next, [], [], proposal)
            model.zxid += 1
            model.end(session)
            expected.append(Expected(outcome: .executed, error: .ok, body: [], zxid: model.zxid))
            tally("close")
        case 1:
            append(.create, session, state.attachment, state.next - 1, [], command, proposal)
            refuse(.repeated, .ok)
        case 2:
            append(.create, session, state.attachment, state.next + 1, [], command, proposal)
            refuse(.gap, .connectionLoss)
        case 3:
            append(.create, session, state.attachment + 1_000, state.next, [], command, proposal)
            refuse(.moved, .sessionMoved)
        default:
            append(.create, session + 1_000, state.attachment, state.next, [], command, proposal)
            refuse(.unknownSession, .sessionExpired)
        }
    }

    private func append(
        _ operation: OpCode, _ session: UInt64, _ attachment: UInt64, _ sequence: UInt64, _ identities: [AccessEntry],
        _ body: [UInt8], _ proposal: ByteBuilder
    ) {
        let encoded = ByteBuilder()
        if !identities.isEmpty { Identities.begin(address: [], into: encoded) }
        for identity in identities {
            _ = Identities.add(scheme: identity.scheme, id: identity.id, addressByteCount: 0, to: encoded)
        }
        CommandWriter.append(
            CommandHeader(
                kind: operation.rawValue, session: SessionID(rawValue: session),
                attachment: AttachmentID(rawValue: attachment), sequence: sequence),
            identities: encoded.bytes, body: body.span.bytes, to: proposal)
    }

    // MARK: Internal commands

    private func appendInternal(
        _ kind: InternalCommand, _ session: UInt64, _ attachment: UInt64, _ body: [UInt8], _ proposal: ByteBuilder
    ) {
        CommandWriter.append(
            CommandHeader(kind, session: SessionID(rawValue: session), attachment: AttachmentID(rawValue: attachment)),
            identities: RawSpan(), body: body.span.bytes, to: proposal)
    }

    private func openSession(_ proposal: ByteBuilder) {
        let body = bytes {
            OpenSessionBody(
                replica: ReplicaID(rawValue: 1), timeoutMilliseconds: 9,
                password: SessionPassword(high: 1, low: nextSession),
                isHidden: false
            ).append(to: $0)
        }
        appendInternal(.openSession, nextSession, nextAttachment, body, proposal)
        model.sessions[nextSession] = ModelTree.ModelSession(attachment: nextAttachment, password: nextSession)
        model.zxid += 1
        nextSession += 1
        nextAttachment += 1
    }

    private func attach(_ session: UInt64, _ proposal: ByteBuilder) {
        guard let state = model.sessions[session] else { return }
        let isRight = !chance(3)
        let isRepeated = chance(4)
        let attachment = isRepeated ? state.attachment : nextAttachment
        let body = bytes {
            AttachSessionBody(
                replica: ReplicaID(rawValue: 2), timeoutMilliseconds: 9,
                password: SessionPassword(high: isRight ? 1 : 2, low: state.password)
            ).append(to: $0)
        }
        appendInternal(.attachSession, session, attachment, body, proposal)
        nextAttachment += 1
        guard isRight, !isRepeated else { return }
        model.sessions[session] = ModelTree.ModelSession(attachment: attachment, password: state.password)
        tally("attach")
    }

    private func expire(_ session: UInt64, _ proposal: ByteBuilder) {
        guard let state = model.sessions[session] else { return }
        let isRight = !chance(3)
        appendInternal(.expireSession, session, isRight ? state.attachment : state.attachment + 1_000, [], proposal)
        guard isRight else { return }
        model.zxid += 1
        model.end(session)
        tally("expire")
    }

    private func reap(_ proposal: ByteBuilder) {
        let paths = model.nodes.filter { $0.value.owner >> 63 == 1 }.keys.sorted()
        guard !paths.isEmpty else { return appendInternal(.noOp, 0, 0, [], proposal) }
        let path = paths[Int.random(in: 0..<paths.count, using: &random)]
        let id = (model.nodes[path]?.id ?? 0) + (chance(5) ? 1 : 0)
        let body = bytes { ReapBody.append(node: NodeID(rawValue: id), path: Array(path.utf8).span.bytes, to: $0) }
        appendInternal(.reap, 0, 0, body, proposal)
        tally(model.reap(path, id: id) ? "reaped" : "not reaped")
    }

    // MARK: Comparing

    private func compareOutput(_ expected: [Expected]) throws {
        let output = output
        guard output.results.count == expected.count else {
            throw Difference(description: "\(output.results.count) results where the model has \(expected.count)")
        }
        for (result, expected) in zip(output.results, expected) {
            let body = [UInt8](copying: output.body(of: result))
            guard result.outcome == expected.outcome, result.error == expected.error, body == expected.body,
                result.zxid.wireValue == expected.zxid
            else {
                throw Difference(
                    description: "result \(result), \(body.hexadecimal); the model: \(expected), "
                        + expected.body.hexadecimal)
            }
        }
        let events = output.events.map {
            ModelTree.Event(
                type: $0.type, path: String(decoding: [UInt8](copying: output.path(of: $0)), as: UTF8.self))
        }
        guard events == model.events else {
            throw Difference(description: "events \(events); the model: \(model.events)")
        }
    }

    /// Freezes, writes, drops, or opens the tree anew, at moments that do not depend on the commands.
    private func stepCheckpoint() throws {
        if tree.frozen == nil {
            guard chance(20) else { return }
            let delta = tree.freeze()
            tally("freeze")
            if chance(2) { try finish(delta) }
        } else if chance(5), let delta = tree.frozen {
            try finish(delta)
        }
    }

    private func finish(_ delta: Delta) throws {
        base.writeCheckpoint(delta)
        let isUpToDate = delta.meta.appliedSlot == tree.appliedSlot
        checkpointCount = Int(delta.meta.appliedSlot.rawValue)
        if chance(3) {
            // A restart: what came after the checkpoint is applied again.
            let digest = tree.digest()
            tree = try ZnodeTree(base: base)
            for proposal in proposals[checkpointCount...] {
                output.removeAll()
                try tree.apply(slot: tree.appliedSlot.next, proposal: proposal.span.bytes, into: output)
            }
            guard tree.digest() == digest else { throw Difference(description: "another digest after a restart") }
            tally(isUpToDate ? "reload" : "replay")
        } else {
            try tree.dropFrozen()
            tally("drop")
        }
    }

    /// Everything that can be read of the tree.
    func compareState() throws {
        guard tree.nodeCount == UInt64(model.nodes.count), tree.lastZxid.wireValue == model.zxid,
            tree.sessionCount == model.sessions.count
        else { throw Difference(description: "\(tree.nodeCount) nodes, \(model.nodes.count) in the model") }
        for (path, node) in model.nodes.sorted(by: { $0.key < $1.key }) { try compare(path, node) }
        for (id, state) in model.sessions {
            let session = tree.session(SessionID(rawValue: id))
            guard session?.nextSequence == state.next, session?.attachment.rawValue == state.attachment else {
                throw Difference(description: "session \(id): \(String(describing: session)); the model: \(state)")
            }
            let owned = model.nodes.filter { $0.value.owner == id }.sorted { $0.value.id < $1.value.id }.map(\.key)
            let paths = tree.ephemeralPaths(of: SessionID(rawValue: id)).map { String(decoding: $0, as: UTF8.self) }
            guard owned == paths else { throw Difference(description: "ephemerals \(paths); the model: \(owned)") }
        }
    }

    private func compare(_ path: String, _ node: ModelTree.Node) throws {
        let root = bytes {
            Identities.begin(address: [], into: $0)
            _ = Identities.add(scheme: Array("super".utf8), id: [], addressByteCount: 0, to: $0)
        }
        let utf8 = Array(path.utf8)
        let read = ByteBuilder()
        _ = try tree.getData(utf8.span.bytes, identities: root.span.bytes, into: read)
        let expected = bytes {
            $0.append(juteBytes: node.data)
            node.stat.encode(into: $0)
        }
        guard [UInt8](copying: read.bytes) == expected else {
            throw Difference(
                description: "\(path): \([UInt8](copying: read.bytes).hexadecimal), not \(expected.hexadecimal)")
        }
        read.removeAll()
        try tree.getACL(utf8.span.bytes, identities: root.span.bytes, into: read)
        let access = node.access.isEmpty ? AccessList.worldAnyoneAll.entries : node.access
        let expectedAccess = bytes {
            AccessList(access).encode(into: $0)
            node.stat.encode(into: $0)
        }
        guard [UInt8](copying: read.bytes) == expectedAccess else {
            throw Difference(description: "\(path): access list")
        }
        try compareChildren(path, node, root)
    }

    private func compareChildren(_ path: String, _ node: ModelTree.Node, _ identities: [UInt8]) throws {
        let utf8 = Array(path.utf8)
        let read = ByteBuilder()
        try tree.getChildren(utf8.span.bytes, identities: identities.span.bytes, withStat: false, into: read)
        var reader = JuteReader(read.bytes)
        var names: Set<String> = []
        for _ in 0..<(try reader.vectorCount(elementByteCountMin: 4) ?? 0) {
            names.insert(String(decoding: [UInt8](copying: try reader.string()), as: UTF8.self))
        }
        guard names == node.children else { throw Difference(description: "\(path): children \(names)") }
        // In pages, in order: every child once, each behind the one before it.
        var after: [UInt8] = []
        var paged: [String] = []
        while true {
            var page: [[UInt8]] = []
            _ = try tree.forEachChild(of: utf8.span.bytes, identities: identities.span.bytes, after: after) { child in
                page.append([UInt8](copying: child.name))
                return page.count < 2
            }
            guard let last = page.last else { break }
            after = last
            paged += page.map { String(decoding: $0, as: UTF8.self) }
        }
        let short = paged.filter { $0.utf8.count <= 503 }
        guard paged.count == node.children.count, Set(paged) == node.children, short == short.sorted() else {
            throw Difference(description: "\(path): pages \(paged)")
        }
    }

    /// The sums over all rows, made from nothing.
    func recomputedDigest() throws -> TreeDigest {
        let copy = ModelZnodeBase()
        let fresh = try ZnodeTree(base: copy)
        for proposal in proposals {
            output.removeAll()
            try fresh.apply(slot: fresh.appliedSlot.next, proposal: proposal.span.bytes, into: output)
        }
        copy.writeCheckpoint(fresh.freeze())
        var digest = TreeDigest()
        for row in copy.rows { digest.znodes &+= SystemRow.checksum(of: row.value.span.bytes) }
        for row in copy.systemRows where row.key.first == UInt8(ascii: "s") {
            digest.sessions &+= SystemRow.checksum(of: row.value.span.bytes)
        }
        return digest
    }
}
