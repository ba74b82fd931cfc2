package import CoreTypes

/// Who a connection has proven to be, and where it comes from, as a command carries it:
///
/// ```
/// u8  bytes of the address       0 (unknown, or embedded), 4 or 16
///     address                    in network order
/// u8  count
/// count times:
///   u8  bytes of the scheme
///       scheme                   "digest", "super", ...
///   u16 bytes of the id
///       id                       "user:base64(sha1(user:password))", ...
/// ```
///
/// No bytes at all stand for no address and no identity.
package enum Identities {
    /// Identities of one connection; a further one is refused.
    package static let countMax = 64

    /// Begins with an address: 4 or 16 bytes, or none.
    package static func begin(address: [UInt8], into bytes: ByteBuilder) {
        invariant(address.isEmpty || address.count == 4 || address.count == 16, "an address of \(address.count) bytes")
        bytes.removeAll()
        bytes.append(littleEndian: UInt8(address.count))
        for byte in address { bytes.append(littleEndian: byte) }
        bytes.append(littleEndian: UInt8(0))
    }

    /// Adds an identity.
    ///
    /// - Parameter countOffset: where the count stands: one byte behind the address.
    /// - Returns: false if there is no room for it: too many, or too long.
    package static func add(scheme: [UInt8], id: [UInt8], addressByteCount: Int, to bytes: ByteBuilder) -> Bool {
        let countOffset = 1 + addressByteCount
        let count = unsafe bytes.bytes.unsafeLoad(fromByteOffset: countOffset, as: UInt8.self)
        let added = 3 + scheme.count + id.count
        guard Int(count) < countMax, scheme.count <= 255, id.count <= 65_535, bytes.count + added <= 65_535 else {
            return false
        }
        bytes.overwrite(at: countOffset, littleEndian: count + 1)
        bytes.append(littleEndian: UInt8(scheme.count))
        for byte in scheme { bytes.append(littleEndian: byte) }
        bytes.append(littleEndian: UInt16(id.count))
        for byte in id { bytes.append(littleEndian: byte) }
        return true
    }

    /// Goes through the identities, front to back; any bytes are safe.
    package struct Reader: ~Escapable {
        private var reader: ByteReader
        /// 4 or 16 bytes, or none.
        package let address: RawSpan
        private var remaining: UInt8

        @_lifetime(copy bytes)
        package init(_ bytes: RawSpan) throws(CommandError) {
            reader = ByteReader(bytes)
            guard bytes.byteCount > 0 else {
                address = bytes
                remaining = 0
                return
            }
            do throws(ByteReader.EndOfBytes) {
                let addressByteCount = try reader.integer(UInt8.self)
                address = try reader.bytes(Int(addressByteCount))
                remaining = try reader.integer()
            } catch {
                throw CommandError(.identities, offset: error.offset)
            }
        }

        /// One identity.
        package struct Identity: ~Escapable {
            package let scheme: RawSpan
            package let id: RawSpan

            @_lifetime(copy scheme, copy id)
            init(scheme: RawSpan, id: RawSpan) {
                self.scheme = scheme
                self.id = id
            }
        }

        /// The next identity; nil after the last.
        @_lifetime(self: copy self)
        @_lifetime(copy self)
        package mutating func next() throws(CommandError) -> Identity? {
            guard remaining > 0 else { return nil }
            remaining -= 1
            do throws(ByteReader.EndOfBytes) {
                let schemeByteCount = try reader.integer(UInt8.self)
                let scheme = try reader.bytes(Int(schemeByteCount))
                let idByteCount = try reader.integer(UInt16.self)
                let id = try reader.bytes(Int(idByteCount))
                return Identity(scheme: scheme, id: id)
            } catch {
                throw CommandError(.identities, offset: error.offset)
            }
        }
    }
}
