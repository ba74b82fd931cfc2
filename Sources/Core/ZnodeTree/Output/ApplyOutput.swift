package import CoreTypes
package import ZooKeeperWire

/// What the apply of a proposal yields; made to be cleared and used again.
///
/// The three lists are each in the order of the commands. What a connection sees must leave in this order: for each
/// command its events, then its result, then what happened to sessions.
package final class ApplyOutput {
    // Whoever holds an output owns it: checking each access at run time for overlaps only costs (see `TreeState`).
    @exclusivity(unchecked) private var uncheckedResults: [CommandResult] = []
    @exclusivity(unchecked) private var uncheckedEvents: [TreeEvent] = []
    @exclusivity(unchecked) private var uncheckedBodyOffset = 0
    @exclusivity(unchecked) private var uncheckedExecutedCount = 0

    /// One for each command of a client; internal commands have none.
    package var results: [CommandResult] {
        get { unsafe uncheckedResults }
        _modify { yield unsafe &uncheckedResults }
    }

    /// In firing order.
    package var events: [TreeEvent] {
        get { unsafe uncheckedEvents }
        _modify { yield unsafe &uncheckedEvents }
    }

    package var sessionEvents: [SessionEvent] = []
    /// Bodies and paths.
    package let bytes = ByteBuilder(capacity: 64 * 1_024)

    /// Where the body of the command under way begins.
    var bodyOffset: Int {
        get { unsafe uncheckedBodyOffset }
        set { unsafe uncheckedBodyOffset = newValue }
    }

    /// Commands that took a zxid.
    package var executedCount: Int {
        get { unsafe uncheckedExecutedCount }
        set { unsafe uncheckedExecutedCount = newValue }
    }

    package init() {}

    /// Forgets everything and keeps the memory.
    package func removeAll() {
        results.removeAll(keepingCapacity: true)
        events.removeAll(keepingCapacity: true)
        sessionEvents.removeAll(keepingCapacity: true)
        bytes.removeAll()
        executedCount = 0
    }

    /// What follows the reply header of a result.
    @_lifetime(borrow self)
    package func body(of result: CommandResult) -> RawSpan {
        bytes.bytes(result.bodyOffset..<(result.bodyOffset + result.bodyByteCount), ownedBy: self)
    }

    /// Where an event happened.
    @_lifetime(borrow self)
    package func path(of event: TreeEvent) -> RawSpan {
        bytes.bytes(event.pathOffset..<(event.pathOffset + event.pathByteCount), ownedBy: self)
    }

    /// Adds an event at a path, which is copied.
    package func addEvent(_ type: WatchEventType, path: RawSpan, zxid: Zxid, commandIndex: Int32) {
        let offset = bytes.count
        bytes.append(path)
        events.append(
            TreeEvent(
                commandIndex: commandIndex, type: type, zxid: zxid, pathOffset: offset, pathByteCount: path.byteCount))
    }

    /// What is appended from here on is the body of the command under way.
    func beginBody() { bodyOffset = bytes.count }

    /// Moves the body to other bytes: an operation of a multi is done.
    func moveBody(to target: ByteBuilder) {
        target.append(bytes.bytes(bodyOffset..<bytes.count, ownedBy: self))
        bytes.truncate(to: bodyOffset)
    }
}
