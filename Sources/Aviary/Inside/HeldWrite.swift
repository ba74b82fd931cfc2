internal import CoreTypes

/// A write that waits for its session to be renewed.
struct HeldWrite {
    var kind: Int32
    var session: LocalSession
    var body: [UInt8]
    var completion: WriteCompletion
}
