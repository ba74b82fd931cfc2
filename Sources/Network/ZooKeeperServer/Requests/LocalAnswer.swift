import ZooKeeperWire

/// What a local request came to: its body, if it has one, stands in the server's scratch.
enum LocalAnswer: Equatable {
    /// Answered with what stands in the scratch.
    case body
    case failed(ErrorCode)
    /// The connection may not set as many watches: it is cut off.
    case tooManyWatches
}
