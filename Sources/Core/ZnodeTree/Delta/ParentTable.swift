/// From the id of a parent to the list of its children in a delta. Open addressing, linear probing; nothing is removed.
@safe
struct ParentTable: ~Copyable {
    /// The children of one parent.
    struct List {
        /// 0 in an unused slot: no znode has that id but the place above the root, whose id is stored as `UInt64.max`.
        var parent: UInt64
        var first: DeltaIndex
        var count: UInt32
    }

    private var slots: UnsafeMutablePointer<List>
    private var mask: Int
    private var used = 0

    /// Bytes of memory for each parent, about.
    static let byteCountPerParent = MemoryLayout<List>.stride * 2

    var count: Int { used }

    init(capacity: Int = 64) {
        mask = capacity - 1
        unsafe slots = ParentTable.makeSlots(capacity)
    }

    deinit { unsafe slots.deallocate() }

    private static func makeSlots(_ capacity: Int) -> UnsafeMutablePointer<List> {
        let slots = UnsafeMutablePointer<List>.allocate(capacity: capacity)
        unsafe slots.initialize(repeating: List(parent: 0, first: .none, count: 0), count: capacity)
        return unsafe slots
    }

    private static func stored(_ parent: NodeID) -> UInt64 { parent == .none ? .max : parent.rawValue }

    private func slot(of stored: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: (stored &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
        while true {
            let found = unsafe slots[slot].parent
            if found == stored || found == 0 { return slot }
            slot = (slot + 1) & mask
        }
    }

    /// The list of a parent; empty if it has none.
    func list(of parent: NodeID) -> List { unsafe slots[slot(of: ParentTable.stored(parent))] }

    /// Replaces the first entry of a parent's list and changes its count.
    mutating func update(_ parent: NodeID, first: DeltaIndex, adding change: Int) {
        let stored = ParentTable.stored(parent)
        var slot = slot(of: stored)
        if unsafe slots[slot].parent == 0 {
            if (used + 1) * 4 > (mask + 1) * 3 {
                grow()
                slot = self.slot(of: stored)
            }
            used += 1
            unsafe slots[slot].parent = stored
        }
        unsafe slots[slot].first = first
        unsafe slots[slot].count = UInt32(truncatingIfNeeded: Int(slots[slot].count) + change)
    }

    private mutating func grow() {
        let old = unsafe slots
        let oldCapacity = mask + 1
        mask = oldCapacity * 2 - 1
        unsafe slots = ParentTable.makeSlots(mask + 1)
        for index in 0..<oldCapacity where unsafe old[index].parent != 0 {
            unsafe slots[slot(of: old[index].parent)] = old[index]
        }
        unsafe old.deallocate()
    }
}
