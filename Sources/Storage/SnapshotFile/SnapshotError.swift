package import PosixIO
package import SystemPackage

/// Why a snapshot cannot be written or read: which file, where in it, which field, and what to do next.
package struct SnapshotError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Kind: Equatable, Sendable {
        /// It does not begin as a snapshot does.
        case notASnapshot
        /// It was written by a newer version of this software.
        case newerVersion(UInt32)
        /// It ends too early: it was never finished, or cut.
        case truncated
        /// Bytes are not the ones that were written.
        case damaged
        /// A row does not fit the format.
        case rowTooLarge
        /// Rows come in the wrong order, or twice.
        case rowOutOfOrder
        /// Whoever paces the work asked to stop.
        case cancelled
        /// There is no verified snapshot in the directory.
        case noSnapshot
        case file(FileError)
    }

    package var kind: Kind
    package var path: FilePath
    /// Where in the file, for what has a place.
    package var offset: UInt64?
    /// Which field or part, in words.
    package var field: String

    package init(_ kind: Kind, _ path: FilePath, offset: UInt64? = nil, field: String) {
        self.kind = kind
        self.path = path
        self.offset = offset
        self.field = field
    }

    init(_ error: FileError) {
        self.init(.file(error), error.path, offset: error.offset, field: error.operation.rawValue)
    }

    /// The disk is full; the same call succeeds when there is room.
    package var isOutOfSpace: Bool {
        if case .file(let error) = kind { error.isOutOfSpace } else { false }
    }

    package var description: String {
        if case .file(let error) = kind { return error.description }
        let place = offset.map { " at offset \($0)" } ?? ""
        return "\(path)\(place): \(field): \(kind.text)"
    }
}

extension SnapshotError.Kind {
    /// What it means, and the remedy.
    package var text: String {
        switch self {
        case .notASnapshot: "not a snapshot of Aviary; check the path"
        case .newerVersion(let version):
            "format version \(version) is newer than this software knows (\(SnapshotFormat.version)); use a newer one"
        case .truncated: "the file ends too early; use an older snapshot, or copy it again"
        case .damaged: "bytes changed since they were written; use another snapshot, or copy it again"
        case .rowTooLarge: "larger than the format allows"
        case .rowOutOfOrder:
            "rows are not in ascending order; the writer is at fault, or the file was put together by hand"
        case .cancelled: "stopped by request"
        case .noSnapshot: "no snapshot that passes verification"
        case .file(let error): error.description
        }
    }
}
