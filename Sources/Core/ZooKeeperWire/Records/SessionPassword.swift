package import CoreTypes

/// The 16 secret bytes with which a client attaches to its session again.
package struct SessionPassword: Hashable, Sendable {
    package var high: UInt64
    package var low: UInt64

    package static let byteCount = 16

    @inlinable
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Draws a new one; the generator must be a secure one.
    package init(using generator: inout some RandomNumberGenerator) {
        self.init(high: generator.next(), low: generator.next())
    }

    /// From 16 bytes; nil for any other count.
    package init?(_ bytes: RawSpan) {
        guard bytes.byteCount == SessionPassword.byteCount else { return nil }
        let high = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self)
        let low = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 8, as: UInt64.self)
        self.init(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
    }

    /// What a new client sends and a refused one is answered with.
    @inlinable
    package static var zero: SessionPassword { SessionPassword(high: 0, low: 0) }

    /// Compares in a time that does not depend on where the first difference is.
    package static func == (left: SessionPassword, right: SessionPassword) -> Bool {
        ((left.high ^ right.high) | (left.low ^ right.low)) == 0
    }

    /// The bare 16 bytes.
    package func encode(into builder: ByteBuilder) {
        builder.append(bigEndian: high)
        builder.append(bigEndian: low)
    }
}
