internal import CoreTypes

/// A command on its way to the driver.
struct WriteRequest {
    var kind: Int32
    /// Not retained: both threads would count at one place, for each write. Who waits holds it, so it is good until
    /// `completion` is resumed.
    unowned(unsafe) var session: LocalSession
    /// Its body, in the inbox's bytes.
    var bytes: Range<Int>
    var completion: WriteCompletion
}
