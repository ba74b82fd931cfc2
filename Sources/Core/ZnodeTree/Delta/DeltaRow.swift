/// One row of a frozen delta, as the checkpoint writes it.
package struct DeltaRow: ~Escapable {
    /// What becomes of the data that lies outside of the row.
    package enum LargeData: Equatable, Sendable {
        /// The row has none: chunks of the row that it replaces go.
        case none
        /// It is in `largeData` and replaces what is there.
        case replaced
        /// It is as it was, under the same node id: the chunks stay.
        case unchanged
    }

    package let key: RawSpan
    /// Empty when the row is removed.
    package let value: RawSpan
    /// Whether the row is removed; it need not be there.
    package let isRemoved: Bool
    /// The znode's id, under which large data lies. A row of this key that is there already may have another one: then
    /// the large data of that one goes.
    package let node: NodeID
    package let largeDataChange: LargeData
    /// The data when it is replaced and large.
    package let largeData: RawSpan

    @_lifetime(copy key, copy value, copy largeData)
    init(
        key: RawSpan, value: RawSpan, isRemoved: Bool, node: NodeID, largeDataChange: LargeData, largeData: RawSpan
    ) {
        self.key = key
        self.value = value
        self.isRemoved = isRemoved
        self.node = node
        self.largeDataChange = largeDataChange
        self.largeData = largeData
    }
}
