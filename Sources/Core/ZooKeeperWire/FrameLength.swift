/// What the four bytes before a frame say.
package enum FrameLength: Equatable, Sendable {
    /// So many bytes follow.
    case body(byteCount: Int)
    /// Negative: nothing that follows can be made sense of.
    case negative(Int32)
    /// More than the limit: the frame is refused before it is buffered.
    case tooLong(Int32)

    /// Bytes of the length itself.
    package static let byteCount = 4

    /// - Parameter byteCountMax: `jute.maxbuffer`; a frame of exactly that many bytes is taken.
    @inlinable
    package init(_ wireValue: Int32, byteCountMax: Int) {
        if wireValue < 0 {
            self = .negative(wireValue)
        } else if Int(wireValue) > byteCountMax {
            self = .tooLong(wireValue)
        } else {
            self = .body(byteCount: Int(wireValue))
        }
    }
}
