/// The engine's end of a sequence of events.
struct WatchStream: Sendable {
    let continuation: AsyncThrowingStream<ZnodeEvent, any Error>.Continuation
    let firesOnce: Bool

    /// Hands an event over, or ends the sequence where that would lose one.
    func send(_ event: ZnodeEvent) {
        if case .dropped = continuation.yield(event) {
            continuation.finish(
                throwing: AviaryError(
                    .overflow, "more than \(ZnodeEvents.waitingCountMax) events wait; read anew what is watched"))
        } else if firesOnce {
            continuation.finish()
        }
    }

    func end(_ error: AviaryError?) { continuation.finish(throwing: error) }
}
