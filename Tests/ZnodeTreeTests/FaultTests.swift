import CoreTypes
import Testing
import ZooKeeperWire

@testable import ZnodeTree

@Suite("A base that cannot be read")
struct FaultTests {
    /// What is done to a tree whose znodes all lie in the base.
    private static let commands: [(String, ModelCommand?)] = [
        ("create", .create(.init(operation: .create2, path: "/a/b/new", data: [1]))),
        ("create sequential", .create(.init(operation: .create, path: "/a/b/s-", data: [1], flags: 2))),
        ("delete", .delete("/a/b/c", -1)),
        ("setData", .setData("/a/b/c", [2], -1)),
        ("setACL", .setACL("/a/b", AccessList.worldAnyoneAll.entries, -1)),
        (
            "multi",
            .multi([
                .setData("/a", [3], -1), .delete("/a/b/c", -1),
                .create(.init(operation: .create, path: "/e", data: nil)),
                .check("/x", -1), .setData("/x/y", nil, -1),
                .create(.init(operation: .create, path: "/x/e", data: [], flags: 1)),
            ])
        ),
        ("close", nil),
    ]

    private let session = SessionID(rawValue: 0x0100_0000_0000_0001)
    private let attachment = AttachmentID(rawValue: 1)
    private let output = ApplyOutput()

    /// A checkpoint with a few znodes, two of them ephemerals of the session.
    private func makeBase() throws -> ModelZnodeBase {
        let base = ModelZnodeBase()
        let tree = try ZnodeTree(base: base)
        let open = bytes {
            OpenSessionBody(
                replica: ReplicaID(rawValue: 1), timeoutMilliseconds: 9, password: .zero, isHidden: false
            ).append(to: $0)
        }
        try apply(CommandHeader(.openSession, session: session, attachment: attachment), open, to: tree)
        let paths: [(String, Int32)] = [
            ("/a", 0), ("/a/b", 0), ("/a/b/c", 0), ("/x", 0), ("/x/y", 0), ("/x/y/e", 1), ("/a/e", 1),
        ]
        for (index, (path, flags)) in paths.enumerated() {
            let body = bytes(ModelCommand.create(.init(operation: .create, path: path, data: [0], flags: flags)).encode)
            try apply(header(.create, UInt64(index + 1)), body, to: tree)
        }
        base.writeCheckpoint(tree.freeze())
        return base
    }

    private func header(_ operation: OpCode, _ sequence: UInt64) -> CommandHeader {
        CommandHeader(kind: operation.rawValue, session: session, attachment: attachment, sequence: sequence)
    }

    private func apply(_ header: CommandHeader, _ body: [UInt8], to tree: ZnodeTree) throws(StorageFault) {
        let proposal = ByteBuilder()
        ProposalHeader(commandCount: 1, time: WallClockTime(rawValue: 7)).append(to: proposal)
        CommandWriter.append(header, identities: RawSpan(), body: body.span.bytes, to: proposal)
        output.removeAll()
        try tree.apply(slot: tree.appliedSlot.next, proposal: proposal.bytes, into: output)
    }

    private func run(_ command: ModelCommand?, on tree: ZnodeTree) throws(StorageFault) {
        let body = command.map { bytes($0.encode) } ?? []
        try apply(header(command?.operation ?? .closeSession, 8), body, to: tree)
    }

    @Test("a fault at any read leaves the tree as it was before the command", arguments: 0..<7)
    func wholeCommands(index: Int) throws {
        let (name, command) = Self.commands[index]
        let base = try makeBase()
        let calm = try ZnodeTree(base: base)
        try run(command, on: calm)
        #expect(output.results.first?.error == .ok)
        let results = output.results.count
        for readCount in 0..<100 {
            let tree = try ZnodeTree(base: base)
            let before = (tree.digest(), tree.lastZxid, tree.nodeCount, tree.approximateByteCount, tree.sessionCount)
            base.readsBeforeFault = readCount
            do {
                try run(command, on: tree)
                base.readsBeforeFault = nil
                #expect(readCount > 0 && tree.digest() == calm.digest(), "\(name)")
                return
            } catch {
                base.readsBeforeFault = nil
            }
            let after = (tree.digest(), tree.lastZxid, tree.nodeCount, tree.approximateByteCount, tree.sessionCount)
            #expect(before == after, "\(name), fault at read \(readCount)")
            try run(command, on: tree)
            #expect(output.results.count == results && tree.digest() == calm.digest(), "\(name), after \(readCount)")
        }
        Issue.record("\(name) never succeeded")
    }

    @Test("a row that is lost is noticed by the list of its parent")
    func lostRow() throws {
        let base = try makeBase()
        let index = try #require(base.rows.firstIndex { $0.key.last == UInt8(ascii: "c") && $0.key.count == 9 })
        base.removeRow(at: index)
        let tree = try ZnodeTree(base: base)
        let path = Array("/a/b".utf8)
        #expect(throws: TreeFailure.self) {
            try tree.getChildren(path.span.bytes, identities: RawSpan(), withStat: false, into: ByteBuilder())
        }
    }

    @Test("an ephemeral that is lost stops the end of its session, with nothing done")
    func lostEphemeral() throws {
        let base = try makeBase()
        let index = try #require(base.rows.firstIndex { $0.key.last == UInt8(ascii: "e") })
        base.removeRow(at: index)
        let tree = try ZnodeTree(base: base)
        let before = tree.digest()
        #expect(throws: StorageFault.self) { try run(nil, on: tree) }
        #expect(tree.digest() == before && tree.session(session) != nil)
    }
}
