/// The number of an entry within one delta.
struct DeltaIndex: RawRepresentable, Equatable {
    var rawValue: UInt32

    /// No entry.
    static var none: DeltaIndex { DeltaIndex(rawValue: .max) }

    var isNone: Bool { rawValue == .max }
}

/// One znode, or one deletion, in a delta. Trivial: its bytes lie in the delta's arena.
struct DeltaEntry {
    struct Flags: OptionSet {
        var rawValue: UInt8

        /// A deletion: it hides what lies below, and `node` is what was deleted.
        static var removed: Flags { Flags(rawValue: 1 << 0) }
        /// `checksum` is out of date, and not part of the tree's digest.
        static var stale: Flags { Flags(rawValue: 1 << 1) }
        /// There may be a row of this key below, so that a deletion must be kept.
        static var existsBelow: Flags { Flags(rawValue: 1 << 2) }
        /// The data is large, unchanged since it was read from below, and only there.
        static var dataBelow: Flags { Flags(rawValue: 1 << 3) }
        /// Given back; the entry is on the list of free ones.
        static var free: Flags { Flags(rawValue: 1 << 4) }
    }

    var node: Znode
    var parent: NodeID
    /// Where it belongs in the hash table.
    var hash: UInt64
    /// `hash64` of the name as it stands in the key.
    var nameHash: UInt64
    /// Checksum of the row as of the last digest; 0 for a deletion.
    var checksum: UInt64
    /// `hash64` of large data, once it is known; else 0.
    var dataHash: UInt64
    /// The name as it stands in the key and, for long ones, the name in full behind it.
    var name: ByteRun
    /// Bytes of the name as it stands in the key.
    var keyNameByteCount: UInt16
    var flags: Flags
    var accessList: ByteRun
    /// The data, if it is neither null nor below; `dataCapacity` bytes are there.
    var data: ByteRun
    var dataCapacity: Int
    /// The entries of one parent form a list, newest first. A free entry's `next` is the next free one.
    var next: DeltaIndex
    var previous: DeltaIndex

    var isRemoved: Bool { flags.contains(.removed) }

    var keyName: ByteRun { name.prefix(Int(keyNameByteCount)) }

    /// The name in full if it is too long for a key, else empty.
    var longName: ByteRun { name.dropping(Int(keyNameByteCount)) }

    /// The name in full.
    var fullName: ByteRun { name.count > Int(keyNameByteCount) ? longName : name }
}
