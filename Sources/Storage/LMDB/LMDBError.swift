internal import CLMDB

/// What LMDB or the system below it refused: which operation, on which file, and what to do next.
package struct LMDBError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The return codes of LMDB by name, and everything else as an error number of the system.
    package enum Kind: Equatable, Sendable {
        case keyExists, notFound, pageNotFound, corrupted, fatal, versionMismatch, notAnEnvironment
        case mapFull, databasesFull, readersFull, transactionFull, cursorFull, pageFull, mapResized, incompatible
        case badReaderSlot, badTransaction, badValueSize, badDatabase
        /// This process has the environment open already.
        case openTwice
        /// An error number of the system.
        case system(Int32)
    }

    package var kind: Kind
    /// What was being done, in a few words: "commit".
    package var operation: String
    /// The data file.
    package var path: String

    package init(_ kind: Kind, _ operation: String, path: String) {
        self.kind = kind
        self.operation = operation
        self.path = path
    }

    init(code: Int32, _ operation: String, path: String) {
        self.init(Kind(code: code), operation, path: path)
    }

    package var description: String { "\(path): \(operation): \(kind.text)" }
}

extension LMDBError.Kind {
    init(code: Int32) {
        switch code {
        case MDB_KEYEXIST: self = .keyExists
        case MDB_NOTFOUND: self = .notFound
        case MDB_PAGE_NOTFOUND: self = .pageNotFound
        case MDB_CORRUPTED: self = .corrupted
        case MDB_PANIC: self = .fatal
        case MDB_VERSION_MISMATCH: self = .versionMismatch
        case MDB_INVALID: self = .notAnEnvironment
        case MDB_MAP_FULL: self = .mapFull
        case MDB_DBS_FULL: self = .databasesFull
        case MDB_READERS_FULL: self = .readersFull
        case MDB_TXN_FULL: self = .transactionFull
        case MDB_CURSOR_FULL: self = .cursorFull
        case MDB_PAGE_FULL: self = .pageFull
        case MDB_MAP_RESIZED: self = .mapResized
        case MDB_INCOMPATIBLE: self = .incompatible
        case MDB_BAD_RSLOT: self = .badReaderSlot
        case MDB_BAD_TXN: self = .badTransaction
        case MDB_BAD_VALSIZE: self = .badValueSize
        case MDB_BAD_DBI: self = .badDatabase
        default: self = .system(code)
        }
    }

    /// The file's pages contradict each other: nothing more should be read from it before it is verified.
    package var meansDamage: Bool {
        switch self {
        case .corrupted, .pageNotFound, .notAnEnvironment, .cursorFull, .pageFull: true
        default: false
        }
    }

    /// What it means, and the remedy.
    package var text: String {
        switch self {
        case .keyExists: "the key exists already, or keys to append are not in ascending order"
        case .notFound: "no such key"
        case .pageNotFound: "a page refers to one beyond the end of the file; verify the store and rebuild it"
        case .corrupted: "a page is not of the kind it must be; verify the store and rebuild it"
        case .fatal:
            "an earlier commit failed while its last page was written; close the environment and open it again"
        case .versionMismatch: "the file's format is not the one of LMDB 0.9; use the version that wrote it"
        case .notAnEnvironment: "not an LMDB file, or its first two pages are damaged; rebuild the store"
        case .mapFull: "the reserved address space is full; open with a larger map"
        case .databasesFull: "more named databases than reserved at open"
        case .readersFull: "every reader slot is in use; close readers or reserve more at open"
        case .transactionFull: "more changed pages than one transaction can carry; write less at a time"
        case .cursorFull: "the tree is deeper than LMDB allows, as only a damaged one is; verify and rebuild it"
        case .pageFull: "a page has no room where it must have; verify the store and rebuild it"
        case .mapResized: "another process enlarged the map; close the environment and open it again"
        case .incompatible: "the database was made with other options"
        case .badReaderSlot: "the reader slot belongs to another thread or process"
        case .badTransaction: "the transaction cannot go on after an earlier error; begin a new one"
        case .badValueSize: "the key is empty or longer than 511 bytes, or the value is too long"
        case .badDatabase: "the database was closed or changed by another transaction"
        case .openTwice: "this process has the environment open already; use that one"
        case .system(let code): unsafe String(cString: aviary_lmdb_error_text(code))
        }
    }
}
