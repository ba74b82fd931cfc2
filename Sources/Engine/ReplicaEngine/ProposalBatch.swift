internal import CoreTypes
internal import ZnodeTree

/// The commands that will share a slot: bytes of one proposal, from the first command to the apply.
///
/// The bytes are written once, here; log, peers and apply read the same ones. Reused: the engine keeps a few.
final class ProposalBatch {
    /// The proposal: header, then commands. Its time is stamped when it is proposed.
    let bytes = ByteBuilder(capacity: 64 * 1024)
    private(set) var commandCount = 0

    var isEmpty: Bool { commandCount == 0 }

    /// Bytes of the commands, without the header before them.
    var commandByteCount: Int { bytes.count - ProposalHeader.encodedByteCount }

    init() { removeAll() }

    /// Takes a command in.
    func append(_ command: CommandHeader, identities: RawSpan, body: RawSpan) {
        CommandWriter.append(command, identities: identities, body: body, to: bytes)
        commandCount += 1
    }

    /// True if another command of this size may still join.
    func hasRoom(commandByteCount: Int) -> Bool {
        commandCount < Limits.proposalCommandCountMax
            && bytes.count + commandByteCount <= Limits.proposalByteCountMax
    }

    /// Completes the header: from here on the bytes do not change.
    func seal(time: WallClockTime) {
        ProposalHeader(commandCount: UInt32(commandCount), time: time).overwrite(bytes)
    }

    /// Forgets the commands and keeps the memory, unless it grew beyond what is usual.
    func removeAll() {
        bytes.removeAll()
        commandCount = 0
        ProposalHeader(commandCount: 0, time: .zero).append(to: bytes)
    }
}
