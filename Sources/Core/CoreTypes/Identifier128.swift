/// 128 random bits that name one thing for ever: a cluster, an incarnation of a replica's directory, a segment's life.
@usableFromInline
package struct Identifier128: Hashable, Sendable, CustomStringConvertible {
    @usableFromInline package var high: UInt64
    @usableFromInline package var low: UInt64

    @inlinable
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Draws a new one.
    @inlinable
    package init(using generator: inout some RandomNumberGenerator) {
        self.init(high: generator.next(), low: generator.next())
    }

    /// All zero: names nothing.
    @inlinable
    package static var none: Identifier128 { Identifier128(high: 0, low: 0) }

    /// 32 lower-case hexadecimal digits.
    @usableFromInline package var description: String {
        func digits(_ value: UInt64) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return digits(high) + digits(low)
    }

    /// Reads what `description` writes; nil for anything else.
    package init?(_ description: String) {
        guard description.utf8.count == 32,
            description.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let high = UInt64(description.prefix(16), radix: 16), let low = UInt64(description.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }
}

/// Names a cluster; every peer frame, log, store and snapshot carries it.
@usableFromInline
package struct ClusterID: Hashable, Sendable {
    @usableFromInline package var value: Identifier128

    @inlinable
    package init(_ value: Identifier128) { self.value = value }
}

/// Names one life of a replica's directory: a replica whose disk was lost comes back under a new one.
@usableFromInline
package struct Incarnation: Hashable, Sendable {
    @usableFromInline package var value: Identifier128

    @inlinable
    package init(_ value: Identifier128) { self.value = value }
}
