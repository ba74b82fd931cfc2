package import CoreTypes
package import PosixIO
package import SystemPackage

/// Where everything in a log's files lies, whole or not: for whoever looks at them, or damages them on purpose.
///
/// A group whose header is destroyed is not in it, and neither is one that was cut.
package struct LogMap: Sendable {
    package struct Record: Sendable {
        package var slot: Slot
        package var ballot: Ballot
        /// Of the file.
        package var bytes: Range<UInt64>
        package var isWhole: Bool
    }

    package struct Group: Sendable {
        package var path: FilePath
        package var ordinal: UInt64
        /// All its bytes in the file, padding included.
        package var bytes: Range<UInt64>
        package var header: Range<UInt64>
        package var table: Range<UInt64>
        /// It opens its segment.
        package var isFirst: Bool
        package var isTableWhole: Bool
        /// What it may hold records of, under which ballot at most; `none` if of nothing.
        package var lowestSlot: Slot
        package var highestSlot: Slot
        package var ballot: Ballot
        /// Its proposals, as far as the table is whole.
        package var records: [Record]
    }

    package struct Segment: Sendable {
        package var path: FilePath
        package var byteCount: UInt64
        /// Both copies of its header are whole.
        package var isHeaderWhole: Bool
    }

    /// In the order of the log.
    package private(set) var segments: [Segment] = []
    package private(set) var groups: [Group] = []

    /// Reads the files; changes nothing.
    package init(fileSystem: any FileSystem, directory: FilePath) throws(LogError) {
        let files = try LogFiles(fileSystem, directory, isSyncing: false)
        for segment in files.segments {
            segments.append(
                Segment(
                    path: segment.path, byteCount: segment.header.segmentByteCount,
                    isHeaderWhole: segment.damagedHeaderOffset == nil))
            var scan = SegmentScan(segment.file, segment.path, segment.header)
            try LogError.mapping { () throws(FileError) in try scan.scan() }
            if let first = scan.groups.first { groups.removeAll { $0.ordinal >= first.header.ordinal } }
            groups += scan.groups.map { Group($0, scan) }
        }
    }
}

extension LogMap.Group {
    fileprivate init(_ group: ScannedGroup, _ scan: SegmentScan) {
        let header = group.header
        let tableOffset = header.offset + UInt64(header.tableOffset)
        path = scan.path
        ordinal = header.ordinal
        bytes = header.offset..<group.end
        self.header = header.offset..<(header.offset + UInt64(Layout.groupHeaderByteCount))
        table = tableOffset..<(tableOffset + UInt64(header.recordCount) * UInt64(Layout.recordEntryByteCount))
        isFirst = header.flags.contains(.first)
        isTableWhole = group.isTableWhole
        lowestSlot = header.summary.lowestSlot
        highestSlot = header.summary.highestSlot
        ballot = header.summary.ballot
        records = scan.records[group.records].map { record in
            LogMap.Record(
                slot: record.slot, ballot: record.ballot,
                bytes: record.offset..<(record.offset + UInt64(record.byteCount)), isWhole: !record.isDamaged)
        }
    }
}
