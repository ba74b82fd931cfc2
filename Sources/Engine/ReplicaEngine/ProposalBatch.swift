internal import Checksums
internal import Consensus
internal import CoreTypes
internal import ZnodeTree

/// The commands that will share a slot: bytes of one proposal, from the first command to the apply.
///
/// The bytes are written once, here; log, peers and apply read the same ones. Reused: the engine keeps a few.
final class ProposalBatch {
    /// The proposal: header, then commands. Its time is stamped when it is proposed.
    let bytes = ByteBuilder(capacity: 64 * 1024)
    private(set) var commandCount = 0

    /// Rises from batch to batch of this replica; 0 for what came from a peer.
    var number: UInt64 = 0
    /// In a cluster: the commands of this replica's sessions that were not seen applied; see `OutstandingBatches`.
    private var outstanding: [OutstandingCommand] = []
    /// Of `outstanding`, at its front, those that were seen applied.
    private var doneCount = 0
    /// It was handed to the proposer, which may hold it: if it must be proposed again, that is a copy.
    var isTaken = false
    /// Its bytes are those of a slot: they do not change any more.
    private(set) var isSealed = false

    /// Of its commands, those whose znodes were looked up before it is applied; see `lookUp`.
    private(set) var lookedUpCount = 0
    /// Of those, multis and others that nothing is looked up for.
    private var leftCount = 0
    /// Where the first command behind those begins.
    private var lookedUpEnd = ProposalHeader.encodedByteCount

    var isEmpty: Bool { commandCount == 0 }

    /// Bytes of the commands, without the header before them.
    var commandByteCount: Int { bytes.count - ProposalHeader.encodedByteCount }

    init() { removeAll() }

    /// Takes a command in.
    func append(_ command: CommandHeader, identities: RawSpan, body: RawSpan) {
        CommandWriter.append(command, identities: identities, body: body, to: bytes)
        commandCount += 1
    }

    /// Takes commands in that were encoded elsewhere.
    func append(commands: RawSpan, count: Int) {
        bytes.append(commands)
        commandCount += count
    }

    /// Becomes a proposal that was made elsewhere.
    func replace(with proposal: RawSpan, commandCount: Int) {
        bytes.removeAll()
        bytes.append(proposal)
        self.commandCount = commandCount
        isSealed = true
    }

    /// True if another command of this size may still join.
    func hasRoom(commandByteCount: Int) -> Bool {
        commandCount < Limits.proposalCommandCountMax
            && bytes.count + commandByteCount <= Limits.proposalByteCountMax
    }

    /// Stamps the header.
    func stamp(_ time: WallClockTime) {
        invariant(!isSealed, "a proposal is stamped twice")
        ProposalHeader(commandCount: UInt32(commandCount), time: time).overwrite(bytes)
    }

    /// Nothing is left to look up.
    var isLookedUp: Bool { lookedUpCount == commandCount }

    /// Whether the time that its apply takes says nothing of a replay's: look-ups, which are most of that, were done before.
    /// A multi takes its time in any case.
    var hidesReplayTime: Bool { lookedUpCount > 0 && leftCount == 0 }

    /// Looks up what the next few commands will change; they are not taken back afterwards.
    func lookUp(in shared: SharedTree, count: Int) {
        let bytes = bytes
        let wanted = min(count, commandCount - lookedUpCount)
        guard wanted > 0 else { return }
        let done = shared.withLock { $0.prefetch(bytes.bytes, from: lookedUpEnd, count: wanted) }
        lookedUpEnd = done.next
        lookedUpCount += wanted
        leftCount += done.leftCount
    }

    /// It got a slot: from here on the bytes do not change.
    func seal() { isSealed = true }

    /// What consensus is told of it.
    var descriptor: ValueDescriptor {
        let bytes = bytes
        return ValueDescriptor(
            byteCount: UInt32(bytes.count), checksum: UInt64(crc32c(bytes.bytes)), commandCount: UInt32(commandCount))
    }

    /// The same commands in a batch that may be proposed.
    func copy() -> ProposalBatch {
        let (copy, bytes) = (ProposalBatch(), bytes)
        copy.append(commands: bytes.bytes.extracting(ProposalHeader.encodedByteCount...), count: commandCount)
        return copy
    }

    // MARK: Outstanding commands

    /// The last command taken in is awaited.
    func expect(_ attachment: AttachmentID, _ sequence: UInt64) {
        outstanding.append(OutstandingCommand(attachment: attachment, sequence: sequence))
    }

    /// Nothing of it is awaited.
    var isDone: Bool { doneCount == outstanding.count }

    /// Whether a command of an attachment is awaited whose sequence is one that is asked for.
    func awaits(_ attachment: AttachmentID, _ isAskedFor: (UInt64) -> Bool) -> Bool {
        outstanding[doneCount...].contains { !$0.isDone && $0.attachment == attachment && isAskedFor($0.sequence) }
    }

    /// A command was seen applied, or is not awaited any more.
    ///
    /// - Returns: false if it is not among those awaited.
    func complete(_ attachment: AttachmentID, _ sequence: UInt64) -> Bool {
        let found = outstanding[doneCount...].firstIndex {
            !$0.isDone && $0.attachment == attachment && $0.sequence == sequence
        }
        guard let found else { return false }
        outstanding[found].isDone = true
        while doneCount < outstanding.count, outstanding[doneCount].isDone { doneCount += 1 }
        return true
    }

    /// Forgets the commands and keeps the memory, unless it grew beyond what is usual.
    func removeAll() {
        bytes.removeAll()
        commandCount = 0
        lookedUpCount = 0
        leftCount = 0
        lookedUpEnd = ProposalHeader.encodedByteCount
        number = 0
        isSealed = false
        isTaken = false
        doneCount = 0
        if !outstanding.isEmpty { outstanding.removeAll(keepingCapacity: true) }
        ProposalHeader(commandCount: 0, time: .zero).append(to: bytes)
    }
}

/// A command of one of this replica's sessions that must be executed once, whoever leads.
struct OutstandingCommand {
    var attachment: AttachmentID
    /// 0 for the command that opens or attaches.
    var sequence: UInt64
    var isDone = false
}
