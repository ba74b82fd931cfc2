/// A group whose header is whole, as a scan found it.
struct ScannedGroup {
    /// What a record says that is not about a slot.
    enum StateChange: Equatable {
        case membership([UInt8])
        case base(LogBase)
        case state(StateRecord)
        case damaged
    }

    var header: GroupHeader
    /// What the next group's chain value must be.
    var chainValue: UInt64
    var isTableWhole: Bool
    /// Its proposals, by their places in the scan's records.
    var records: Range<Int>
    var stateChanges: [StateChange]
    /// A record that is not whole, for the report.
    var firstDamage: LogDamage.Part?

    var areRecordsWhole: Bool { firstDamage == nil }
    var end: UInt64 { header.offset + UInt64(header.byteCount) }
}
