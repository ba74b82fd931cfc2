package import CoreTypes
package import PosixIO
package import SystemPackage

/// Where a group of the log stands on disk, and what it holds: for who shows a log, or damages one on purpose.
package struct GroupOutline: Sendable {
    package struct Record: Sendable {
        package var slot: Slot
        /// The bytes of its payload in the file.
        package var payload: Range<UInt64>
    }

    package var path: FilePath
    /// Bytes of the file, with the padding.
    package var bytes: Range<UInt64>
    package var header: Range<UInt64>
    package var table: Range<UInt64>
    /// The number of the group in the log.
    package var ordinal: UInt64
    /// Its proposals.
    package var records: [Record]
}

extension DurableLog {
    /// The groups of a log that is whole, in the order of the log. Changes nothing.
    package static func outline(
        fileSystem: any FileSystem, directory: FilePath
    ) throws(LogError) -> [GroupOutline] {
        var outlines: [GroupOutline] = []
        for segment in try LogFiles(fileSystem, directory, isSyncing: false).segments {
            var scan = SegmentScan(segment.file, segment.path, segment.header)
            try LogError.mapping { () throws(FileError) in try scan.scan() }
            outlines += scan.groups.map { GroupOutline($0, of: scan) }
        }
        return outlines
    }
}

extension GroupOutline {
    init(_ group: ScannedGroup, of scan: SegmentScan) {
        let start = group.header.offset
        let table = start + UInt64(group.header.tableOffset)
        path = scan.path
        bytes = start..<group.end
        header = start..<(start + UInt64(Layout.groupHeaderByteCount))
        self.table = table..<(table + UInt64(group.header.recordCount) * UInt64(Layout.recordEntryByteCount))
        ordinal = group.header.ordinal
        records = scan.records[group.records].map {
            Record(slot: $0.slot, payload: $0.offset..<($0.offset + UInt64($0.byteCount)))
        }
    }
}
