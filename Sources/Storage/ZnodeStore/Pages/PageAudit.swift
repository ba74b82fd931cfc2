internal import LMDB
internal import PosixIO
internal import SystemPackage

/// Checks the pages of one state of a store's file for being what LMDB takes them for, without LMDB.
///
/// LMDB's pages carry no checksum, and it does not doubt them: a damaged header can make it read and write where it must
/// not. This walk reads the file itself and finds every page that LMDB could stumble over: wrong kind, wrong number,
/// offsets and counts beyond the page, keys out of order, a page that is used twice or beyond the end, totals that
/// disagree. What it cannot find is damage inside keys and values that keeps all of that: the checksums of rows do.
///
/// Memory: one page for each level, and one bit for each page of the file.
struct PageAudit {
    /// What was found to be in order.
    struct Report: Equatable {
        var transaction: UInt64 = 0
        /// Pages of all trees.
        var usedPageCount = 0
        /// Pages on the lists of free ones.
        var freePageCount = 0
        /// Pages that are neither: lost until the store is rebuilt, and harmless.
        var lostPageCount = 0
    }

    private let file: any File
    private let path: String
    private let meta: MetaPage
    private var seen: PageSet
    private var pages: [AlignedBuffer] = []
    private var databases: [DatabaseRecord] = []
    private var report = Report()
    /// Called now and then with the pages read since; false gives up.
    private let afterPages: (Int) -> Bool
    private var pagesSinceCall = 0

    private static let pagesPerCall = 256

    /// Checks the state of a transaction, or the newest one where that is nil.
    ///
    /// - Throws: `.damaged` at the first page that is not in order; `.failed` when the file cannot be read or, with a
    ///   transaction given, neither meta page is that one's any more.
    static func run(
        _ file: any File, transaction: UInt64? = nil, afterPages: @escaping (Int) -> Bool = { _ in true }
    ) throws(StoreError) -> Report {
        let path = file.path.string
        var audit = try PageAudit(file, path: path, transaction: transaction, afterPages: afterPages)
        try audit.walk(audit.meta.free, "list of free pages")
        try audit.walk(audit.meta.main, "list of databases")
        let named = audit.databases
        for (number, record) in named.enumerated() { try audit.walk(record, "database \(number)") }
        audit.report.usedPageCount = audit.seen.count - audit.report.freePageCount
        audit.report.lostPageCount =
            Int(audit.meta.lastPage + 1 - PageFormat.metaPageCount) - audit.seen.count
        return audit.report
    }

    private init(
        _ file: any File, path: String, transaction: UInt64?, afterPages: @escaping (Int) -> Bool
    ) throws(StoreError) {
        self.file = file
        self.path = path
        self.afterPages = afterPages
        let buffer = AlignedBuffer(byteCount: PageFormat.byteCount * 2)
        let count = try Self.read(file, buffer, byteCount: PageFormat.byteCount * 2, at: 0)
        guard count == PageFormat.byteCount * 2 else {
            throw StoreError(.damaged, path, "the file is shorter than its first two pages")
        }
        let first = MetaPage(buffer.bytes(0..<PageFormat.byteCount))
        let second = MetaPage(buffer.bytes(PageFormat.byteCount..<(PageFormat.byteCount * 2)))
        guard let first, let second else {
            throw StoreError(.damaged, path, "page \(first == nil ? 0 : 1) is no meta page of LMDB 0.9")
        }
        let newest = first.transaction >= second.transaction ? first : second
        if let transaction {
            guard first.transaction == transaction || second.transaction == transaction else {
                throw StoreError(.failed, path, "state \(transaction) is not one of the newest two any more")
            }
            meta = first.transaction == transaction ? first : second
        } else {
            meta = newest
        }
        let fileByteCount = try StoreError.ofFiles { () throws(FileError) in try file.byteCount() }
        guard meta.lastPage < fileByteCount / UInt64(PageFormat.byteCount) else {
            throw StoreError(.damaged, path, "the last page is \(meta.lastPage), behind the end of the file")
        }
        seen = PageSet(through: meta.lastPage)
        report.transaction = meta.transaction
    }
}

extension PageAudit {
    private struct Totals {
        var branchPageCount: UInt64 = 0
        var leafPageCount: UInt64 = 0
        var overflowPageCount: UInt64 = 0
        var entryCount: UInt64 = 0
    }

    private mutating func walk(_ record: DatabaseRecord, _ name: String) throws(StoreError) {
        var totals = Totals()
        if !record.isEmpty {
            guard record.depth >= 1, Int(record.depth) <= PageFormat.depthMax else {
                throw StoreError(.damaged, path, "\(name): depth \(record.depth)")
            }
            let bounds = KeyBounds(name: name, isFreeList: record == meta.free, isMain: record == meta.main)
            try visit(record.root, level: 1, depth: Int(record.depth), bounds, nil, nil, &totals)
        }
        guard totals.branchPageCount == record.branchPageCount, totals.leafPageCount == record.leafPageCount,
            totals.overflowPageCount == record.overflowPageCount, totals.entryCount == record.entryCount
        else {
            throw StoreError(
                .damaged, path,
                "\(name): it has \(totals.entryCount) entries where \(record.entryCount) are claimed, or "
                    + "another number of pages than is claimed")
        }
    }

    /// What is the same for all pages of one tree.
    private struct KeyBounds {
        var name: String
        var isFreeList: Bool
        var isMain: Bool

        /// Whether one key stands before another in this tree's order.
        func precedes(_ left: RawSpan, _ right: RawSpan) -> Bool {
            guard isFreeList else { return left.precedes(right) }
            guard left.byteCount == 8, right.byteCount == 8 else { return false }
            return left.integer(at: 0, UInt64.self) < right.integer(at: 0, UInt64.self)
        }
    }

    /// Checks a page and everything below it. Its keys are not before `lower` and before `upper`.
    private mutating func visit(
        _ number: UInt64, level: Int, depth: Int, _ tree: KeyBounds, _ lower: RawSpan?, _ upper: RawSpan?,
        _ totals: inout Totals
    ) throws(StoreError) {
        try claim(number, tree.name)
        let buffer = try load(number, level: level)
        let page = buffer.bytes(0..<PageFormat.byteCount)
        let isLeaf = level == depth
        let entryCount = try checkHeader(page, number, isLeaf: isLeaf, tree.name)
        if isLeaf { totals.leafPageCount += 1 } else { totals.branchPageCount += 1 }
        var previous: Range<Int>?
        var byteCount = 0
        for index in 0..<entryCount {
            let node = try node(page, index, number, isLeaf: isLeaf, tree.name)
            byteCount += node.byteCount
            // The first key of a branch page stands for everything before the second, and is not looked at.
            if isLeaf || index > 0 {
                let key = page.extracting(node.keyRange)
                guard isInOrder(key, previous, in: page, lower, upper, tree) else {
                    throw damage(number, tree.name, "entry \(index) is out of order")
                }
                previous = node.keyRange
            }
            if isLeaf {
                totals.entryCount += 1
                try visitLeafNode(node, page, number, tree, &totals)
            } else {
                var below = lower
                if index > 0 { below = page.extracting(node.keyRange) }
                var above = upper
                if index + 1 < entryCount {
                    let next = try self.node(page, index + 1, number, isLeaf: false, tree.name)
                    above = page.extracting(next.keyRange)
                }
                try visit(node.child, level: level + 1, depth: depth, tree, below, above, &totals)
            }
        }
        let upperEnd = Int(page.integer(at: PageFormat.upperOffset, UInt16.self))
        guard byteCount == PageFormat.byteCount - upperEnd else {
            throw damage(number, tree.name, "its entries do not fill the space that is claimed for them")
        }
    }

    /// Whether a key stands behind the one before it in the page, or not before `lower`, and before `upper`.
    private func isInOrder(
        _ key: RawSpan, _ previous: Range<Int>?, in page: RawSpan, _ lower: RawSpan?, _ upper: RawSpan?,
        _ tree: KeyBounds
    ) -> Bool {
        if let previous {
            guard tree.precedes(page.extracting(previous), key) else { return false }
        } else if let lower {
            guard !tree.precedes(key, lower) else { return false }
        }
        if let upper { return tree.precedes(key, upper) }
        return true
    }

    private func checkHeader(
        _ page: RawSpan, _ number: UInt64, isLeaf: Bool, _ name: String
    ) throws(StoreError) -> Int {
        let lower = Int(page.integer(at: PageFormat.lowerOffset, UInt16.self))
        let upper = Int(page.integer(at: PageFormat.upperOffset, UInt16.self))
        guard page.integer(at: 0, UInt64.self) == number else { throw damage(number, name, "it has another number") }
        let flags: UInt16 = page.integer(at: PageFormat.flagsOffset)
        guard flags == (isLeaf ? PageFormat.Flag.leaf : PageFormat.Flag.branch) else {
            throw damage(number, name, "it is of kind \(flags)")
        }
        guard lower >= PageFormat.headerByteCount, lower % 2 == 0, lower <= upper, upper <= PageFormat.byteCount else {
            throw damage(number, name, "its free space is claimed from \(lower) to \(upper)")
        }
        let count = (lower - PageFormat.headerByteCount) / 2
        guard count >= (isLeaf ? 1 : 2) else { throw damage(number, name, "it has \(count) entries") }
        return count
    }

    private func node(
        _ page: RawSpan, _ index: Int, _ number: UInt64, isLeaf: Bool, _ name: String
    ) throws(StoreError) -> PageNode {
        let offset = Int(page.integer(at: PageFormat.headerByteCount + index * 2, UInt16.self))
        let upper = Int(page.integer(at: PageFormat.upperOffset, UInt16.self))
        guard offset >= upper, let node = PageNode(page, at: offset, isLeaf: isLeaf) else {
            throw damage(number, name, "entry \(index) does not lie within the page")
        }
        return node
    }

    private mutating func visitLeafNode(
        _ node: PageNode, _ page: RawSpan, _ number: UInt64, _ tree: KeyBounds, _ totals: inout Totals
    ) throws(StoreError) {
        if node.isDatabase {
            guard tree.isMain, node.valueByteCount == DatabaseRecord.byteCount else {
                throw damage(number, tree.name, "it lists a database where none can be")
            }
            databases.append(DatabaseRecord(page, at: node.valueRange.lowerBound))
        } else if node.isBig {
            let first: UInt64 = page.integer(at: node.valueRange.lowerBound)
            totals.overflowPageCount += try visitOverflow(first, node, tree)
        } else if tree.isFreeList {
            try visitFreeList(page.extracting(node.valueRange), number)
        }
    }

    private mutating func visitOverflow(
        _ first: UInt64, _ node: PageNode, _ tree: KeyBounds
    ) throws(StoreError) -> UInt64 {
        let count = (PageFormat.headerByteCount - 1 + node.valueByteCount) / PageFormat.byteCount + 1
        for number in 0..<UInt64(count) { try claim(first &+ number, tree.name) }
        // A list of free pages is read whole; of other values only the header matters here.
        let byteCount = (tree.isFreeList ? count : 1) * PageFormat.byteCount
        let buffer = AlignedBuffer(byteCount: byteCount)
        let got = try Self.read(file, buffer, byteCount: byteCount, at: first * UInt64(PageFormat.byteCount))
        let bytes = buffer.bytes(0..<byteCount)
        guard got == byteCount, bytes.integer(at: 0, UInt64.self) == first,
            bytes.integer(at: PageFormat.flagsOffset, UInt16.self) == PageFormat.Flag.overflow,
            bytes.integer(at: PageFormat.overflowCountOffset, UInt32.self) == UInt32(count)
        else { throw damage(first, tree.name, "it is not the start of \(count) overflow pages") }
        if tree.isFreeList {
            let start = PageFormat.headerByteCount
            try visitFreeList(bytes.extracting(start..<(start + node.valueByteCount)), first)
        }
        return UInt64(count)
    }

    /// A list of free pages: their count, then their numbers.
    private mutating func visitFreeList(_ list: RawSpan, _ number: UInt64) throws(StoreError) {
        let name = "list of free pages"
        guard list.byteCount >= 8, list.byteCount % 8 == 0 else { throw damage(number, name, "a list is cut") }
        let count: UInt64 = list.integer(at: 0)
        guard count <= UInt64(list.byteCount / 8 - 1) else {
            throw damage(number, name, "a list is longer than its row")
        }
        for index in 0..<Int(count) {
            try claim(list.integer(at: 8 + index * 8), name)
            report.freePageCount += 1
        }
    }

    /// Notes that a page is used, or free; it may be so once.
    private mutating func claim(_ number: UInt64, _ name: String) throws(StoreError) {
        guard number >= PageFormat.metaPageCount, number <= meta.lastPage else {
            throw damage(number, name, "there is no such page")
        }
        guard seen.insert(number) else { throw damage(number, name, "it is used twice") }
    }

    /// Reads a page into the buffer of its level.
    private mutating func load(_ number: UInt64, level: Int) throws(StoreError) -> AlignedBuffer {
        while pages.count < level { pages.append(AlignedBuffer(byteCount: PageFormat.byteCount)) }
        let buffer = pages[level - 1]
        let count = try Self.read(
            file, buffer, byteCount: PageFormat.byteCount, at: number * UInt64(PageFormat.byteCount))
        guard count == PageFormat.byteCount else { throw damage(number, "file", "it is cut") }
        pagesSinceCall += 1
        if pagesSinceCall == Self.pagesPerCall {
            pagesSinceCall = 0
            guard afterPages(Self.pagesPerCall) else { throw StoreError(.cancelled, path, "check of pages") }
        }
        return buffer
    }

    private static func read(
        _ file: any File, _ buffer: AlignedBuffer, byteCount: Int, at offset: UInt64
    ) throws(StoreError) -> Int {
        try StoreError.ofFiles { () throws(FileError) in
            var target = buffer.mutableBytes(0..<byteCount)
            return try file.read(into: &target, at: offset)
        }
    }

    private func damage(_ page: UInt64, _ name: String, _ what: String) -> StoreError {
        StoreError(.damaged, path, "page \(page) (offset \(page &* UInt64(PageFormat.byteCount))), \(name): \(what)")
    }
}
