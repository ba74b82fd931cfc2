/// What is wrong with some bytes of a snapshot and where, before anybody said which file they are from.
struct SnapshotFault: Error {
    var kind: SnapshotError.Kind
    var offset: UInt64
    var field: String

    init(_ kind: SnapshotError.Kind, _ offset: UInt64, _ field: String) {
        self.kind = kind
        self.offset = offset
        self.field = field
    }
}
