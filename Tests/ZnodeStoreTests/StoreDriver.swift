import CoreTypes
import Jute
import LMDB
import PosixIO
import SystemPackage
import TestSupport
import ZnodeTree
import ZooKeeperWire

@testable import ZnodeStore

extension RawSpan {
    var copied: [UInt8] { withUnsafeBytes { Array($0) } }
}

/// A row of any database, as arrays that expectations can take.
struct StoredRow: Equatable {
    var key: [UInt8]
    var value: [UInt8]

    init(key: [UInt8], value: [UInt8]) {
        self.key = key
        self.value = value
    }

    init(_ row: ModelZnodeBase.Row) { self.init(key: row.key, value: row.value) }
}

/// A tree over a store, driven by whole commands as the engine would; beside it the model of a store, which is given the
/// same checkpoints.
final class StoreDriver {
    let directory: FilePath
    let store: ZnodeStore
    let tree: ZnodeTree
    let model = ModelZnodeBase()
    private let output = ApplyOutput()
    private let session = SessionID(rawValue: 0x0100_0000_0000_0001)
    private let attachment = AttachmentID(rawValue: 4)
    private var sequence: UInt64 = 0
    private var time: Int64 = 1_700_000_000_000

    init(_ directory: FilePath, options: ZnodeStoreOptions = .init()) throws {
        self.directory = directory
        store = try ZnodeStore.open(directory, options: options)
        tree = try ZnodeTree(base: store)
    }

    func open(session: SessionID? = nil) throws {
        let body = ByteBuilder()
        OpenSessionBody(
            replica: ReplicaID(rawValue: 1), timeoutMilliseconds: 10_000, password: SessionPassword(high: 1, low: 2),
            isHidden: false
        ).append(to: body)
        try apply(CommandHeader(.openSession, session: session ?? self.session, attachment: attachment), body)
    }

    /// Executes the next command of the session.
    @discardableResult
    func run(_ operation: OpCode, _ fill: (ByteBuilder) -> Void) throws -> ErrorCode? {
        let body = ByteBuilder()
        fill(body)
        sequence += 1
        try apply(
            CommandHeader(kind: operation.rawValue, session: session, attachment: attachment, sequence: sequence), body)
        return output.results.first?.error
    }

    /// Changes the membership, which the tree does not look into.
    func changeMembership(_ present: [UInt8], _ changed: [UInt8]) throws {
        let body = ByteBuilder()
        ChangeMembershipBody(
            expectedFirstSlot: tree.membershipFirstSlot, delaySlotCount: 1, present: present, changed: changed
        ).append(to: body)
        try apply(CommandHeader(.changeMembership), body)
    }

    @discardableResult
    func create(_ path: String, _ mode: CreateMode = .persistent, data: [UInt8]? = [1]) throws -> ErrorCode? {
        try run(.create2) { $0.append(createRequest: path, data: data, mode: mode) }
    }

    @discardableResult
    func set(_ path: String, _ data: [UInt8]) throws -> ErrorCode? {
        try run(.setData) { $0.append(setDataRequest: path, data: data, version: -1) }
    }

    @discardableResult
    func delete(_ path: String) throws -> ErrorCode? {
        try run(.delete) { $0.append(deleteRequest: path, version: -1) }
    }

    func data(_ path: String) throws -> [UInt8] {
        let bytes = Array(path.utf8)
        let body = ByteBuilder()
        _ = try tree.getData(bytes.span.bytes, identities: RawSpan(), into: body)
        var reader = JuteReader(body.bytes)
        guard let data = try reader.buffer() else { return [] }
        return data.copied
    }

    /// Freezes the delta, writes it to store and model, and lets go of it.
    func checkpoint() throws {
        let delta = tree.freeze()
        try store.writeCheckpoint(delta)
        model.writeCheckpoint(delta)
        try tree.dropFrozen()
    }

    private func apply(_ header: CommandHeader, _ body: ByteBuilder) throws(StorageFault) {
        let bytes = ByteBuilder()
        time += 1
        ProposalHeader(commandCount: 1, time: WallClockTime(rawValue: time)).append(to: bytes)
        CommandWriter.append(header, identities: RawSpan(), body: body.bytes, to: bytes)
        output.removeAll()
        try tree.apply(slot: tree.appliedSlot.next, proposal: bytes.bytes, into: output)
    }
}

extension ZnodeStore {
    /// All rows of one database, in key order.
    private func rows(_ database: KeyPath<StoreDatabases, Database>) throws -> [StoredRow] {
        var rows: [StoredRow] = []
        let view = try StoreView(environment, databases)
        try view.forEachRow(databases[keyPath: database], "test", from: RawSpan()) { key, value in
            rows.append(StoredRow(key: key.copied, value: value.copied))
            return true
        }
        return rows
    }

    func nodeRows() throws -> [StoredRow] { try rows(\.nodes) }
    func chunkRows() throws -> [StoredRow] { try rows(\.chunks) }
    func systemRows() throws -> [StoredRow] { try rows(\.system) }
}
