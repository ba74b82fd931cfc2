import CoreTypes
import ZnodeTree

/// Who a connection has proven to be, and from which address it comes: what access lists are checked against.
///
/// Encoded once, when it changes, in the form in which every command of the connection carries it.
struct ClientIdentities {
    struct Identity: Equatable {
        /// UTF-8, at most 255 bytes.
        var scheme: [UInt8]
        /// UTF-8, at most 65 535 bytes.
        var id: [UInt8]
    }

    /// 4 or 16 bytes; empty when the connection has no internet address.
    let address: [UInt8]

    /// In the order in which they were proven, each once. Invariant: at most `Identities.countMax`.
    private(set) var proven: [Identity] = []

    /// As `Identities` encodes them.
    let encoded = ByteBuilder(capacity: 32)

    init(address: [UInt8]) {
        self.address = address
        Identities.begin(address: address, into: encoded)
    }

    /// Adds an identity that was proven.
    ///
    /// - Returns: false if the connection has as many as it may have, or the identity is too long.
    mutating func add(_ identity: Identity) -> Bool {
        if proven.contains(identity) { return true }
        guard
            Identities.add(
                scheme: identity.scheme, id: identity.id, addressByteCount: address.count, to: encoded)
        else { return false }
        proven.append(identity)
        return true
    }
}
