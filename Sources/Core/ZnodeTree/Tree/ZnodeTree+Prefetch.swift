internal import CoreTypes
internal import Jute
internal import ZooKeeperWire

extension ZnodeTree {
    /// Looks up the znodes that some commands of a proposal name, so that applying it need not wait for the store.
    ///
    /// Changes nothing that anybody can see: what is found lies in the active delta as if a command had looked at it, and
    /// a row that was not changed is written again as it was. So it does not matter whether this was done, for which
    /// proposals, or how far. What cannot be read is met again by the apply, which says so.
    ///
    /// - Parameters:
    ///   - start: where the first of them begins: behind the header, or where an earlier call ended.
    ///   - count: how many, if there are so many. The header, which may not be stamped yet, is not asked.
    /// - Returns: where the next one begins, and how many were left to the apply.
    /// - Complexity: one or two look-ups a command; those in a multi are left to the apply.
    @discardableResult
    package func prefetch(
        _ proposal: RawSpan, from start: Int = ProposalHeader.encodedByteCount, count: Int = .max
    ) -> (next: Int, leftCount: Int) {
        let countMax = UInt32(clamping: count)
        guard var reader = try? CommandReader(proposal, from: start, count: countMax) else { return (start, 0) }
        var leftCount = 0
        while reader.remaining > 0, let command = try? reader.next() {
            let operation = OpCode(rawValue: command.header.kind)
            guard operation.beginsWithPath else {
                leftCount += 1
                continue
            }
            var body = JuteReader(proposal.extracting(command.body))
            guard let path = try? body.string() else { continue }
            if operation.changesParent, let parts = PathParts(path) { _ = try? node(at: parts.parent) }
            _ = try? node(at: path)
        }
        return (reader.offset, leftCount)
    }
}

extension OpCode {
    /// Whether it is a write whose request begins with the path of what it changes.
    fileprivate var beginsWithPath: Bool {
        switch self {
        case .setData, .setACL: true
        default: changesParent
        }
    }

    fileprivate var changesParent: Bool {
        switch self {
        case .create, .create2, .createContainer, .createTTL, .delete: true
        default: false
        }
    }
}
