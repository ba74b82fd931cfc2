internal import Checksums
internal import CoreTypes
internal import LMDB
internal import ZnodeTree

/// Reads every row of one state of a store, and checks it against itself and against all others.
final class RowVerifier {
    private let path: String
    private let pace: VerifyPace
    private let buffer = ZnodeBuffer()
    private let scratch = ByteBuilder(capacity: 1_024)
    private(set) var report: VerifyReport
    private var progress = VerifyProgress()
    private var meta: MetaRow?
    private var digest = TreeDigest()
    private var families = FamilySums()
    private var sessionCount: UInt64 = 0
    private var membershipCount: UInt64 = 0
    private var ephemeralCount: UInt64 = 0
    private var reapableCount: UInt64 = 0
    /// Ids of znodes whose data lies in pieces.
    private var largeNodes: [UInt64] = []
    private var rowsUntilCall = RowVerifier.rowsPerCall
    private var isCancelled = false

    private static let rowsPerCall = 1_024

    /// - Parameter report: what the walk of the pages has found.
    init(path: String, pace: VerifyPace, report: VerifyReport) {
        self.path = path
        self.pace = pace
        self.report = report
        progress.pageCount = report.usedPageCount
    }

    /// Checks everything; what is damaged is in the report then.
    ///
    /// - Throws: `.cancelled`.
    func run(_ view: borrowing StoreView) throws(StoreError) {
        try scan(view, view.databases.system, "system") { key, value in
            report.systemRowCount += 1
            checkSystemRow(key, value)
        }
        report.slot = meta?.appliedSlot ?? .none
        progress.rowCountTotal = meta?.nodeCount ?? 0
        try scan(view, view.databases.nodes, "nodes") { key, value in
            report.rowCount += 1
            progress.rowCount += 1
            checkNode(key, value, view)
        }
        _ = families.end()
        // What follows from a damaged row is not reported a second time.
        if report.isWhole { try checkChunks(view) }
        if report.isWhole { checkTotals() }
        if report.isWhole, !families.agree {
            do throws(StorageFault) {
                for fault in try FamilySearch.run(view) { add(fault) }
            } catch {
                add(error)
            }
        }
    }

    /// Calls `body` with every row of a database; a failure of LMDB ends the scan and is a finding.
    private func scan(
        _ view: borrowing StoreView, _ database: Database, _ name: String,
        _ body: (_ key: RawSpan, _ value: RawSpan) -> Void
    ) throws(StoreError) {
        do throws(StorageFault) {
            try view.forEachRow(database, name, from: RawSpan()) { key, value throws(StorageFault) in
                body(key, value)
                report.byteCount += UInt64(key.byteCount + value.byteCount)
                progress.byteCount += key.byteCount + value.byteCount
                return step()
            }
        } catch {
            add(error)
        }
        if isCancelled { throw StoreError(.cancelled, path, "verification") }
    }

    /// Whether to go on.
    private func step() -> Bool {
        rowsUntilCall -= 1
        if rowsUntilCall == 0 {
            rowsUntilCall = Self.rowsPerCall
            if let afterStep = pace.afterStep, !afterStep(progress) { isCancelled = true }
            progress.byteCount = 0
        }
        return !isCancelled && report.findings.count < pace.findingCountMax
    }

    private func add(_ fault: StorageFault) {
        if report.findings.count < pace.findingCountMax { report.findings.append(StoreError(fault, path: path)) }
    }

    private func add(_ what: String, _ database: String, _ key: RawSpan) {
        add(StorageFault(what, path, database, key: key))
    }
}

/// Rows one by one.
extension RowVerifier {
    private func checkSystemRow(_ key: RawSpan, _ value: RawSpan) {
        guard let payload = SystemRow.payload(key: key, value: value) else {
            return add("the checksum of the row does not match its key and value", "system", key)
        }
        let kind = unsafe key.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
        if SystemKey.isInDigest(key) { digest.sessions &+= value.integer(at: 0, UInt64.self) }
        switch kind {
        case SystemKey.meta[0] where key.byteCount == 1:
            do throws(RowError) { meta = try MetaRow(payload: payload) } catch { add(error.description, "system", key) }
        case SystemKey.sessionPrefix[0]: sessionCount += 1
        case SystemKey.membership[0]: membershipCount += 1
        case SystemKey.ephemeralPrefix[0]: ephemeralCount += 1
        case SystemKey.reapablePrefix[0]: reapableCount += 1
        default: break
        }
    }

    private func checkNode(_ key: RawSpan, _ value: RawSpan, _ view: borrowing StoreView) {
        do throws(RowError) {
            try ZnodeRow.decode(key: key, value: value, into: buffer)
        } catch {
            return add(error.description, "nodes", key)
        }
        guard let parent = ZnodeKey.parent(of: key) else { return add("the key is none of a znode", "nodes", key) }
        digest.znodes &+= buffer.rowChecksum
        let keyName = key.extracting(8..<key.byteCount)
        let buffer = buffer
        let longName = buffer.longName
        if ZnodeKey.isHashedForm(keyName) || longName.byteCount > 0 {
            scratch.removeAll()
            if ZnodeKey.isHashed(nameByteCount: longName.byteCount) {
                ZnodeKey.appendHashedForm(of: longName, to: scratch)
            }
            let scratch = scratch
            guard scratch.bytes.equals(keyName) else {
                return add("the long name is not the one that the key was made of", "nodes", key)
            }
        }
        _ = families.add(
            buffer.node, parent: parent, nameHash: hash64(longName.byteCount > 0 ? longName : keyName))
        if let meta, buffer.node.id >= meta.nextNodeID { add("the id was not given out yet", "nodes", key) }
        if buffer.isDataLeftOut { checkLargeData(key, view) }
    }

    private func checkLargeData(_ key: RawSpan, _ view: borrowing StoreView) {
        largeNodes.append(buffer.node.id.rawValue)
        do throws(StorageFault) {
            try view.readLargeData(key, into: buffer)
        } catch {
            return add(error)
        }
        report.byteCount += UInt64(buffer.node.dataByteCount)
        progress.byteCount += Int(buffer.node.dataByteCount)
    }
}

/// What only all rows together show.
extension RowVerifier {
    /// Finds pieces that no row refers to.
    private func checkChunks(_ view: borrowing StoreView) throws(StoreError) {
        largeNodes.sort()
        var last: UInt64 = 0
        try scan(view, view.databases.chunks, "chunks") { key, _ in
            report.chunkCount += 1
            guard let node = ChunkKey.parse(key)?.node.rawValue else {
                return add("the key is none of a piece of data", "chunks", key)
            }
            if node != last {
                last = node
                if !contains(node) { add("no znode has this piece of data", "chunks", key) }
            }
        }
    }

    private func contains(_ node: UInt64) -> Bool {
        var low = 0
        var high = largeNodes.count
        while low < high {
            let middle = (low + high) / 2
            if largeNodes[middle] < node { low = middle + 1 } else { high = middle }
        }
        return low < largeNodes.count && largeNodes[low] == node
    }

    private func checkTotals() {
        guard let meta else {
            if report.rowCount > 0 { addTotal("there are znodes, but no row that says what they are a checkpoint of") }
            return
        }
        compare("znodes", report.rowCount, meta.nodeCount)
        compare("sessions", sessionCount, meta.sessionCount)
        compare("rows of the membership", membershipCount, meta.hasMembership ? 1 : 0)
        compare("ephemerals", ephemeralCount, meta.ephemeralCount)
        compare("containers and znodes with a time to live", reapableCount, meta.reapableCount)
        guard report.isWhole else { return }
        compare("digest of the znodes", digest.znodes, meta.digest.znodes)
        compare("digest of the sessions", digest.sessions, meta.digest.sessions)
    }

    private func compare(_ name: String, _ found: UInt64, _ claimed: UInt64) {
        if found != claimed { addTotal("\(name): the rows give \(found), the checkpoint says \(claimed)") }
    }

    private func addTotal(_ what: String) {
        add(StorageFault(what, at: "\(path), all rows", remedy: StoreError.rebuildRemedy))
    }
}
