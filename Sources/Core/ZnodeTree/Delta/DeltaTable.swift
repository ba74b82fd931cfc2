internal import CMemory
import CoreTypes

/// The changes since the last checkpoint: a hash table from (parent, name) to an entry, the entries, and their bytes.
///
/// Open addressing with linear probing over 8-byte slots (a tag and the number of the entry); entries lie in blocks
/// that never move. Entries of one parent are linked, so that its children can be enumerated. Deterministic: nothing
/// depends on addresses.
@safe
struct DeltaTable: ~Copyable {
    /// High half: upper bits of the hash. Low half: number of the entry + 1; 0 is an unused slot.
    private var slots: UnsafeMutablePointer<UInt64>
    private var mask: UInt64
    private var blocks: [UnsafeMutablePointer<DeltaEntry>]
    private var parents = ParentTable()
    private var firstFree = DeltaIndex.none

    /// Entries ever begun; those that were given back are below it too.
    private(set) var entryLimit: UInt32 = 0

    /// Entries in use: znodes and deletions.
    private(set) var count = 0

    var arena = ByteArena()
    var systemRows = SystemRowTable()

    private static let blockShift: UInt32 = 8
    private static let blockCapacity = 1 << Int(blockShift)

    /// Memory, about: what counts against the limit of a delta.
    var byteCount: Int {
        arena.byteCount + Int(entryLimit) * MemoryLayout<DeltaEntry>.stride + (Int(mask) + 1) * 8
            + parents.count * ParentTable.byteCountPerParent + systemRows.byteCount
    }

    private static let capacityMin = 1_024

    /// The capacity that a table needs for as many entries as this one has; a power of two.
    var tableCapacity: Int {
        var capacity = DeltaTable.capacityMin
        while capacity < count { capacity *= 2 }
        return capacity
    }

    /// - Parameter capacity: entries that it takes before the table grows; a power of two.
    init(capacity: Int = DeltaTable.capacityMin) {
        let slotCount = max(capacity, 64) * 2
        mask = UInt64(slotCount - 1)
        unsafe slots = DeltaTable.makeSlots(slotCount)
        unsafe blocks = []
    }

    deinit {
        unsafe slots.deallocate()
        unsafe blocks.forEach { block in unsafe block.deallocate() }
    }

    private static func makeSlots(_ count: Int) -> UnsafeMutablePointer<UInt64> {
        let slots = UnsafeMutablePointer<UInt64>.allocate(capacity: count)
        unsafe slots.initialize(repeating: 0, count: count)
        return unsafe slots
    }

    // MARK: Entries

    @inline(__always)
    private func pointer(_ index: DeltaIndex) -> UnsafeMutablePointer<DeltaEntry> {
        assert(index.rawValue < entryLimit)
        let block = unsafe blocks[Int(index.rawValue >> DeltaTable.blockShift)]
        return unsafe block + Int(index.rawValue & UInt32(DeltaTable.blockCapacity - 1))
    }

    subscript(index: DeltaIndex) -> DeltaEntry {
        @inline(__always)
        unsafeAddress { unsafe UnsafePointer(pointer(index)) }
        @inline(__always)
        unsafeMutableAddress { unsafe pointer(index) }
    }

    /// Asks for the memory of an entry, which is to be looked at soon.
    @inline(__always)
    func approach(_ index: DeltaIndex) {
        let start = unsafe UnsafeRawPointer(pointer(index))
        for offset in stride(from: 0, to: MemoryLayout<DeltaEntry>.size, by: Self.lineByteCount) {
            unsafe aviary_approach(start + offset)
        }
    }

    /// Asks for the first bytes of an entry's name and data.
    @inline(__always)
    func approachBytes(of index: DeltaIndex) {
        let entry = unsafe pointer(index)
        unsafe aviary_approach(entry.pointee.name.start)
        let data = unsafe entry.pointee.data
        guard let start = unsafe data.start else { return }
        unsafe aviary_approach(start)
        if data.count > Self.lineByteCount { unsafe aviary_approach(start + Self.lineByteCount) }
    }

    private static let lineByteCount = 64

    /// Where a key belongs.
    @inline(__always)
    static func hash(parent: NodeID, nameHash: UInt64) -> UInt64 {
        let mixed = (nameHash ^ (parent.rawValue &* 0x9E37_79B9_7F4A_7C15)) &* 0xD1B5_4A32_D192_ED03
        return mixed ^ (mixed >> 32)
    }

    /// The entry of a key, or `none`.
    ///
    /// - Parameter nameHash: `hash64` of `keyName`.
    @inline(__always)
    func find(parent: NodeID, keyName: RawSpan, nameHash: UInt64) -> DeltaIndex {
        let hash = DeltaTable.hash(parent: parent, nameHash: nameHash)
        var slot = hash & mask
        while true {
            let word = unsafe slots[Int(slot)]
            if word == 0 { return .none }
            if word >> 32 == hash >> 32 {
                let index = DeltaIndex(rawValue: UInt32(truncatingIfNeeded: word) - 1)
                let entry = unsafe pointer(index)
                if unsafe entry.pointee.parent == parent, unsafe Bytes.equal(keyName, entry.pointee.keyName) {
                    return index
                }
            }
            slot = (slot + 1) & mask
        }
    }

    /// Adds an entry whose key is not there yet. Its access list and data are empty.
    ///
    /// - Parameter longName: the name in full if the key is of the hashed form, else empty.
    mutating func insert(
        _ node: Znode, parent: NodeID, keyName: RawSpan, nameHash: UInt64, longName: RawSpan, flags: DeltaEntry.Flags
    ) -> DeltaIndex {
        if (count + 1) * 3 > Int(mask + 1) * 2 { growTable() }
        let name = copyName(keyName, longName)
        let hash = DeltaTable.hash(parent: parent, nameHash: nameHash)
        let list = parents.list(of: parent)
        let index = takeEntry()
        unsafe pointer(index).initialize(
            to: DeltaEntry(
                node: node, parent: parent, hash: hash, nameHash: nameHash, checksum: 0, dataHash: 0, name: name,
                keyNameByteCount: UInt16(truncatingIfNeeded: keyName.byteCount), flags: flags, accessList: .empty,
                data: .empty, dataCapacity: 0, next: list.first, previous: .none))
        if !list.first.isNone { self[list.first].previous = index }
        parents.update(parent, first: index, adding: 1)
        place(hash, index)
        count += 1
        return index
    }

    /// Takes an entry out, as if it had never been there.
    mutating func remove(_ index: DeltaIndex) {
        let entry = self[index]
        unplace(entry.hash, index)
        if entry.previous.isNone {
            parents.update(entry.parent, first: entry.next, adding: -1)
        } else {
            self[entry.previous].next = entry.next
            parents.update(entry.parent, first: parents.list(of: entry.parent).first, adding: -1)
        }
        if !entry.next.isNone { self[entry.next].previous = entry.previous }
        self[index].flags = [.free, .removed]
        self[index].next = firstFree
        firstFree = index
        count -= 1
    }

    private mutating func takeEntry() -> DeltaIndex {
        if !firstFree.isNone {
            let index = firstFree
            firstFree = self[index].next
            return index
        }
        if unsafe Int(entryLimit) == blocks.count << Int(DeltaTable.blockShift) {
            unsafe blocks.append(UnsafeMutablePointer<DeltaEntry>.allocate(capacity: DeltaTable.blockCapacity))
        }
        entryLimit += 1
        return DeltaIndex(rawValue: entryLimit - 1)
    }

    /// Gives the entry of a deletion the name of another znode with the same key: a long one with equal hashes.
    mutating func setName(_ index: DeltaIndex, keyName: RawSpan, longName: RawSpan) {
        self[index].name = copyName(keyName, longName)
    }

    private mutating func copyName(_ keyName: RawSpan, _ longName: RawSpan) -> ByteRun {
        if longName.byteCount == 0 { return arena.copy(keyName) }
        let builder = ByteBuilder(capacity: keyName.byteCount + longName.byteCount)
        builder.append(keyName)
        builder.append(longName)
        return arena.copy(builder.bytes)
    }

    // MARK: The hash table

    private func place(_ hash: UInt64, _ index: DeltaIndex) {
        var slot = hash & mask
        while unsafe slots[Int(slot)] != 0 { slot = (slot + 1) & mask }
        unsafe slots[Int(slot)] = (hash >> 32) << 32 | UInt64(index.rawValue + 1)
    }

    /// Empties a slot and moves later ones of the same run up, so that no mark is left behind.
    private func unplace(_ hash: UInt64, _ index: DeltaIndex) {
        var hole = hash & mask
        while unsafe UInt32(truncatingIfNeeded: slots[Int(hole)]) != index.rawValue + 1 { hole = (hole + 1) & mask }
        var slot = (hole + 1) & mask
        while unsafe slots[Int(slot)] != 0 {
            let moved = DeltaIndex(rawValue: UInt32(truncatingIfNeeded: unsafe slots[Int(slot)]) - 1)
            let home = self[moved].hash & mask
            if (slot &- home) & mask >= (slot &- hole) & mask {
                unsafe slots[Int(hole)] = slots[Int(slot)]
                hole = slot
            }
            slot = (slot + 1) & mask
        }
        unsafe slots[Int(hole)] = 0
    }

    @inline(never)
    private mutating func growTable() {
        let oldCount = Int(mask) + 1
        let old = unsafe slots
        mask = UInt64(oldCount * 2 - 1)
        unsafe slots = DeltaTable.makeSlots(oldCount * 2)
        for position in 0..<oldCount {
            let word = unsafe old[position]
            if word != 0 {
                let index = DeltaIndex(rawValue: UInt32(truncatingIfNeeded: word) - 1)
                place(self[index].hash, index)
            }
        }
        unsafe old.deallocate()
    }

    // MARK: Children and bytes

    /// The entries of a parent: the first, from which `next` leads on, and how many.
    func children(of parent: NodeID) -> ParentTable.List { parents.list(of: parent) }

    /// The bytes of a run of this table's arena.
    @_lifetime(borrow self)
    func bytes(_ run: ByteRun) -> RawSpan { unsafe _overrideLifetime(RawSpan(run), borrowing: self) }

    /// Replaces the access list of an entry.
    mutating func setAccessList(_ index: DeltaIndex, _ list: RawSpan) { self[index].accessList = arena.copy(list) }

    /// Replaces the data of an entry; its count in `node` is the caller's business.
    ///
    /// - Parameter isInPlaceAllowed: false while the old bytes must survive, for a multi that may be undone.
    mutating func setData(_ index: DeltaIndex, _ data: RawSpan, isInPlaceAllowed: Bool) {
        let count = data.byteCount
        let entry = self[index]
        self[index].flags.remove(.dataBelow)
        self[index].dataHash = 0
        if isInPlaceAllowed, count <= entry.dataCapacity, let start = unsafe entry.data.start {
            unsafe data.withUnsafeBytes { source in
                if let base = source.baseAddress, count > 0 { unsafe start.copyMemory(from: base, byteCount: count) }
            }
            self[index].data.count = count
            return
        }
        self[index].data = arena.copy(data)
        self[index].dataCapacity = count == 0 ? 0 : ByteArena.rounded(count)
    }
}
