internal import CoreTypes

/// A command on its way to the driver.
struct WriteRequest {
    var kind: Int32
    var session: LocalSession
    /// Its body, in the inbox's bytes.
    var bytes: Range<Int>
    var completion: WriteCompletion
}
