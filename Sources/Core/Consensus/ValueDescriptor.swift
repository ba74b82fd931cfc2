/// What a value is for, as far as consensus has to know.
package enum ValueKind: UInt8, Hashable, Sendable {
    /// Commands for the state machine.
    case commands = 0
    /// Nothing: fills a slot. It has no bytes.
    case noOp = 1
    /// A change of the membership. The shell reports it by `membershipChanged` when it applies the slot.
    case membership = 2
}

/// A value as consensus sees it: its size and its checksum. The bytes belong to the shell, keyed by (slot, ballot).
///
/// Two values of one slot are the same when their descriptors are equal.
package struct ValueDescriptor: Hashable, Sendable {
    /// Of all bytes of the value, as computed once by whoever proposed it.
    package var checksum: UInt64
    package var byteCount: UInt32
    package var commandCount: UInt32
    package var kind: ValueKind

    package init(byteCount: UInt32, checksum: UInt64, commandCount: UInt32, kind: ValueKind = .commands) {
        self.checksum = checksum
        self.byteCount = byteCount
        self.commandCount = commandCount
        self.kind = kind
    }

    /// The value that fills a hole.
    package static var noOp: ValueDescriptor {
        ValueDescriptor(byteCount: 0, checksum: 0, commandCount: 0, kind: .noOp)
    }
}
