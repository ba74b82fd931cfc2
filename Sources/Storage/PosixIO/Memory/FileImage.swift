/// One file on a disk in memory: what a reader sees now, and what a crash would leave for certain.
///
/// Content is kept in blocks of 4 KiB that are replaced, never changed, so that copying an image costs a few
/// references.
struct FileImage: Sendable {
    typealias Block = [UInt8]

    static let blockByteCount = AlignedBuffer.alignment
    private static let zeroBlock = Block(repeating: 0, count: blockByteCount)

    /// A block or size that is live and not known durable.
    struct Unsynced: Sendable {
        /// Its place in the order of all changes to the disk.
        var sequence: UInt64
        /// A later sync does not save it: one before it failed, and the system took the block for clean.
        var isAbandoned = false
    }

    var liveByteCount: UInt64 = 0
    var durableByteCount: UInt64 = 0
    private(set) var live: [Block] = []
    private var durable: [Block] = []
    /// By number of block. Every block that is not here is the same live and durable.
    private(set) var unsyncedBlocks: [Int: Unsynced] = [:]
    /// Set while the sizes differ.
    private(set) var unsyncedByteCount: Unsynced?
    /// Blocks that the disk does not give, until they are written again.
    private var unreadableBlocks: Set<Int> = []

    func read(into bytes: inout MutableRawSpan, at offset: UInt64) -> Int {
        guard offset < liveByteCount else { return 0 }
        let count = min(bytes.byteCount, Int(liveByteCount - offset))
        unsafe bytes.withUnsafeMutableBytes { target in
            var done = 0
            while done < count {
                let position = Int(offset) + done
                let inBlock = position % Self.blockByteCount
                let part = min(Self.blockByteCount - inBlock, count - done)
                let block = block(position / Self.blockByteCount, of: live)
                unsafe block.withUnsafeBytes { source in
                    let from = unsafe UnsafeRawBufferPointer(rebasing: source[inBlock..<(inBlock + part)])
                    let to = unsafe UnsafeMutableRawBufferPointer(rebasing: target[done..<(done + part)])
                    unsafe to.copyMemory(from: from)
                }
                done += part
            }
        }
        return count
    }

    mutating func write(_ bytes: RawSpan, at offset: UInt64, sequence: inout UInt64) {
        let count = bytes.byteCount
        var done = 0
        while done < count {
            let position = Int(offset) + done
            let inBlock = position % Self.blockByteCount
            let part = min(Self.blockByteCount - inBlock, count - done)
            replaceBlock(position / Self.blockByteCount, at: inBlock, with: bytes, from: done, count: part)
            sequence += 1
            unsyncedBlocks[position / Self.blockByteCount] = Unsynced(sequence: sequence)
            if !unreadableBlocks.isEmpty { unreadableBlocks.remove(position / Self.blockByteCount) }
            done += part
        }
        if offset + UInt64(count) > liveByteCount {
            resize(to: offset + UInt64(count), sequence: &sequence)
        }
    }

    private mutating func replaceBlock(
        _ index: Int, at inBlock: Int, with bytes: RawSpan, from: Int, count: Int
    ) {
        while live.count <= index { live.append(Self.zeroBlock) }
        var block = live[index]
        unsafe block.withUnsafeMutableBytes { target in
            unsafe bytes.withUnsafeBytes { source in
                let part = unsafe UnsafeRawBufferPointer(rebasing: source[from..<(from + count)])
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[inBlock..<(inBlock + count)]).copyMemory(
                    from: part)
            }
        }
        live[index] = block
    }

    /// Cuts or lengthens; bytes beyond the end read as zeros if the file grows over them again.
    mutating func resize(to byteCount: UInt64, sequence: inout UInt64) {
        if byteCount < liveByteCount {
            let kept = Int(byteCount)
            let first = (kept + Self.blockByteCount - 1) / Self.blockByteCount
            for index in first..<max(first, live.count) { zero(index, from: 0, &sequence) }
            if kept % Self.blockByteCount != 0 {
                zero(kept / Self.blockByteCount, from: kept % Self.blockByteCount, &sequence)
            }
        }
        liveByteCount = byteCount
        sequence += 1
        unsyncedByteCount = liveByteCount == durableByteCount ? nil : Unsynced(sequence: sequence)
    }

    private mutating func zero(_ index: Int, from inBlock: Int, _ sequence: inout UInt64) {
        guard index < live.count else { return }
        for position in inBlock..<Self.blockByteCount { live[index][position] = 0 }
        sequence += 1
        unsyncedBlocks[index] = Unsynced(sequence: sequence)
    }

    /// What a sync does that works: everything not abandoned becomes durable.
    mutating func sync() {
        for (index, unsynced) in unsyncedBlocks where !unsynced.isAbandoned {
            keep(index)
            unsyncedBlocks[index] = nil
        }
        if unsyncedByteCount?.isAbandoned == false {
            durableByteCount = liveByteCount
            unsyncedByteCount = nil
        }
    }

    /// What a write does that waits for the disk: its own blocks become durable, and the size.
    mutating func syncBlocks(_ range: Range<UInt64>) {
        guard !range.isEmpty else { return }
        let blockByteCount = UInt64(Self.blockByteCount)
        for index in Int(range.lowerBound / blockByteCount)...Int((range.upperBound - 1) / blockByteCount)
        where unsyncedBlocks[index] != nil {
            keep(index)
            unsyncedBlocks[index] = nil
        }
        durableByteCount = liveByteCount
        unsyncedByteCount = nil
    }

    /// What a sync does that fails: the system takes the blocks for clean, whether they are on disk or not.
    mutating func abandonUnsynced() {
        for index in unsyncedBlocks.keys { unsyncedBlocks[index]?.isAbandoned = true }
        unsyncedByteCount?.isAbandoned = true
    }

    /// Lets the live size survive.
    mutating func keepByteCount() { durableByteCount = liveByteCount }

    /// Lets the live content of some of a block's eight sectors survive.
    mutating func keep(_ index: Int, sectors: UInt8 = 0xFF) {
        while durable.count <= index { durable.append(Self.zeroBlock) }
        let new = block(index, of: live)
        guard sectors != 0xFF else {
            durable[index] = new
            return
        }
        for sector in 0..<8 where sectors & (1 << UInt8(sector)) != 0 {
            let range = (sector * 512)..<((sector + 1) * 512)
            durable[index].replaceSubrange(range, with: new[range])
        }
    }

    /// The file after a crash: what is durable, live again.
    mutating func crash() {
        live = durable
        liveByteCount = durableByteCount
        unsyncedBlocks = [:]
        unsyncedByteCount = nil
    }

    /// Changes a byte on the disk itself, live and durable.
    mutating func damage(at offset: UInt64, flipping mask: UInt8) {
        let index = Int(offset) / Self.blockByteCount
        let position = Int(offset) % Self.blockByteCount
        if index < live.count { live[index][position] ^= mask }
        if index < durable.count { durable[index][position] ^= mask }
    }

    /// Puts a block of some file where another one belongs, live and durable.
    mutating func replaceBlock(at offset: UInt64, with block: [UInt8]) {
        let index = Int(offset) / Self.blockByteCount
        if index < live.count { live[index] = block }
        if index < durable.count { durable[index] = block }
    }

    /// The block at an offset, as it is live.
    func liveBlock(at offset: UInt64) -> [UInt8] { block(Int(offset) / Self.blockByteCount, of: live) }

    /// The disk does not give a block any more.
    mutating func makeUnreadable(at offset: UInt64) { unreadableBlocks.insert(Int(offset) / Self.blockByteCount) }

    mutating func makeReadable() { unreadableBlocks.removeAll() }

    /// Does the disk give all these bytes?
    func isReadable(_ bytes: Range<UInt64>) -> Bool {
        if unreadableBlocks.isEmpty { return true }
        let blockByteCount = UInt64(Self.blockByteCount)
        return !unreadableBlocks.contains { index in
            let start = UInt64(index) * blockByteCount
            return bytes.overlaps(start..<(start + blockByteCount))
        }
    }

    private func block(_ index: Int, of blocks: [Block]) -> Block {
        index < blocks.count ? blocks[index] : Self.zeroBlock
    }
}
