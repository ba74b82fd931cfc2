/// The events of a watch, in the order of the changes.
///
/// Never drops an event in silence: if more than 65 536 wait to be taken, the sequence ends with the error `overflow`,
/// and the program reads anew what it watches. It ends without an error when the store is closed, or, for a watch that
/// fires once, after its event.
public struct ZnodeEvents: AsyncSequence, Sendable {
    /// Events that may wait to be taken.
    public static let waitingCountMax = 65_536

    let stream: AsyncThrowingStream<ZnodeEvent, any Error>

    /// Takes events, one after the other.
    public struct Iterator: AsyncIteratorProtocol {
        var base: AsyncThrowingStream<ZnodeEvent, any Error>.Iterator

        /// The next event; nil at the end.
        ///
        /// - Throws: `AviaryError`: `overflow`, or `stopped` when the store stopped by itself.
        public mutating func next() async throws -> ZnodeEvent? { try await base.next() }
    }

    /// Begins to take events. One at a time.
    public func makeAsyncIterator() -> Iterator { Iterator(base: stream.makeAsyncIterator()) }
}
