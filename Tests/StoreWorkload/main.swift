// Makes a store in the directory that is the first argument and writes some checkpoints: a process whose system calls a
// test records. What is acknowledged is said on standard output, a line at a time, so that it stands in the record too.

import CoreTypes
import Glibc
import SystemPackage
import ZnodeStore
import ZnodeTree
import ZooKeeperWire

func say(_ text: String) {
    let line = text + "\n"
    line.withCString { _ = write(1, $0, strlen($0)) }
}

struct Workload {
    let tree: ZnodeTree
    let store: ZnodeStore
    private let output = ApplyOutput()
    private let session = SessionID(rawValue: 0x0100_0000_0000_0001)
    private let attachment = AttachmentID(rawValue: 4)
    private var sequence: UInt64 = 0
    private var time: Int64 = 1_700_000_000_000

    init(_ directory: FilePath) throws {
        store = try ZnodeStore.open(directory)
        say("opened")
        tree = try ZnodeTree(base: store)
        let body = ByteBuilder()
        OpenSessionBody(
            replica: ReplicaID(rawValue: 1), timeoutMilliseconds: 10_000, password: SessionPassword(high: 1, low: 2),
            isHidden: false
        ).append(to: body)
        try apply(CommandHeader(.openSession, session: session, attachment: attachment), body)
    }

    mutating func run(_ operation: OpCode, _ fill: (ByteBuilder) -> Void) throws {
        let body = ByteBuilder()
        fill(body)
        sequence += 1
        try apply(
            CommandHeader(kind: operation.rawValue, session: session, attachment: attachment, sequence: sequence), body)
    }

    mutating func checkpoint() throws {
        let delta = tree.freeze()
        say("writing \(delta.meta.appliedSlot.rawValue)")
        try store.writeCheckpoint(delta)
        say("written \(delta.meta.appliedSlot.rawValue)")
        try tree.dropFrozen()
    }

    private mutating func apply(_ header: CommandHeader, _ body: ByteBuilder) throws {
        let bytes = ByteBuilder()
        time += 1
        ProposalHeader(commandCount: 1, time: WallClockTime(rawValue: time)).append(to: bytes)
        CommandWriter.append(header, identities: RawSpan(), body: body.bytes, to: bytes)
        output.removeAll()
        try tree.apply(slot: tree.appliedSlot.next, proposal: bytes.bytes, into: output)
    }
}

var workload = try Workload(FilePath(CommandLine.arguments[1]))
try workload.run(.create) { $0.append(createRequest: "/d", data: [], mode: .persistent) }
for round in 0..<6 {
    for number in 0..<80 {
        let name = "/d/\(round)-\(100 + number)"
        let data = [UInt8](repeating: UInt8(number), count: number * 5)
        try workload.run(.create) { $0.append(createRequest: name, data: data, mode: .persistent) }
    }
    let large = [UInt8](repeating: UInt8(round), count: 3_000 + 1_500 * round)
    try workload.run(.create) { $0.append(createRequest: "/large\(round)", data: large, mode: .persistent) }
    if round > 0 {
        let changed = [UInt8](repeating: 0xEE, count: 777)
        try workload.run(.setData) { $0.append(setDataRequest: "/d/\(round - 1)-110", data: changed, version: -1) }
        try workload.run(.setData) { $0.append(setDataRequest: "/large\(round - 1)", data: changed, version: -1) }
        for number in 20..<60 {
            try workload.run(.delete) { $0.append(deleteRequest: "/d/\(round - 1)-\(100 + number)", version: -1) }
        }
    }
    try workload.checkpoint()
}
