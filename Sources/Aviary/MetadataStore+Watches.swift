internal import ZnodeTree

/// What a watch waits for.
public enum WatchScope: Hashable, Sendable {
    /// The znode's next creation, deletion or change of data; then the sequence ends.
    case nextChange
    /// The next creation or deletion of a child, or the deletion of the znode itself; then the sequence ends.
    case nextChildrenChange
    /// All changes of the znode and of its list of children.
    case node
    /// All creations, deletions and changes of data of the znode and of everything below it.
    case subtree
}

extension MetadataStore {
    /// Watches a znode, which need not exist.
    ///
    /// The watch is set when this returns: a change that a later read does not show will be told. The events of a
    /// change are there before the write that caused it returns.
    ///
    /// - Throws: `AviaryError`: `closed`.
    public func watch(_ path: String, _ scope: WatchScope) async throws(AviaryError) -> ZnodeEvents {
        let kind: WatchKind
        switch scope {
        case .nextChange: kind = .data
        case .nextChildrenChange: kind = .child
        case .node: kind = .persistent
        case .subtree: kind = .persistentRecursive
        }
        let firesOnce = scope == .nextChange || scope == .nextChildrenChange
        let (stream, continuation) = AsyncThrowingStream<ZnodeEvent, any Error>.makeStream(
            bufferingPolicy: .bufferingOldest(ZnodeEvents.waitingCountMax))
        let bytes = Array(path.utf8)
        let driver = driver
        let attachment = try await onEngine { engine, gateway in
            gateway.watch(bytes, kind, WatchStream(continuation: continuation, firesOnce: firesOnce), on: engine)
        }
        continuation.onTermination = { _ in
            _ = driver.perform { engine, gateway in gateway.unwatch(attachment, on: engine) }
        }
        return ZnodeEvents(stream: stream)
    }
}
