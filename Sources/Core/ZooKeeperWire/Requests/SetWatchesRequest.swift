import CoreTypes
package import Jute

/// setWatches and setWatches2: what a client that was away wants to be told, list after list.
///
/// The lists are read in place, one path at a time, in the order in which they stand.
package struct SetWatchesRequest: ~Escapable {
    /// The lists of the request in their order on the wire.
    package enum Kind: Int, Sendable, CaseIterable {
        case data, exist, child, persistent, persistentRecursive
    }

    /// The highest zxid that the client had seen: changes after it are told at once.
    package let relativeZxid: Int64

    private var reader: JuteReader
    private let listCount: Int
    private var list: Int
    private var remainingInList: Int

    /// - Parameter hasPersistent: true for setWatches2.
    /// - Throws: `JuteError` unless every list is whole, so that nothing is done for half a request.
    @_lifetime(copy body)
    package init(_ body: RawSpan, hasPersistent: Bool) throws(JuteError) {
        var reader = JuteReader(body)
        relativeZxid = try reader.int64()
        let listCount = hasPersistent ? 5 : 3
        let start = reader.offset
        for _ in 0..<listCount {
            let listStart = reader.offset
            guard let count = try reader.vectorCount(elementByteCountMin: 4) else {
                throw JuteError(.unreasonableCount(-1), offset: listStart)
            }
            for _ in 0..<count { _ = try reader.requiredString() }
        }
        self.listCount = listCount
        self.reader = JuteReader(body.extracting(start..<reader.offset))
        self.list = -1
        self.remainingInList = 0
    }

    /// One path that is to be watched, pointing into the frame.
    package struct Element: ~Escapable {
        package let kind: Kind
        package let path: RawSpan

        @_lifetime(copy path)
        init(kind: Kind, path: RawSpan) {
            self.kind = kind
            self.path = path
        }
    }

    /// The next path, or nil after the last.
    @_lifetime(self: copy self)
    @_lifetime(copy self)
    package mutating func next() throws(JuteError) -> Element? {
        while remainingInList == 0 {
            guard list + 1 < listCount else { return nil }
            list += 1
            remainingInList = try reader.vectorCount(elementByteCountMin: 4) ?? 0
        }
        remainingInList -= 1
        guard let kind = Kind(rawValue: list) else { return nil }
        return Element(kind: kind, path: try reader.string())
    }
}
