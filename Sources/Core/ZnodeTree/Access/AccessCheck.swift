internal import CoreTypes
internal import Jute
internal import ZooKeeperWire

/// Who may do what: a znode's access list against the identities of a connection. Lists are not inherited.
///
/// Source: `ZooKeeperServer.checkACL`. Fails closed: a list or identities that cannot be read allow nothing.
enum AccessCheck {
    /// Whether a connection may do something to a znode.
    ///
    /// - Parameters:
    ///   - list: the encoded `vector<ACL>`; empty for "anybody may do everything".
    ///   - identities: encoded as `Identities` says.
    static func allows(_ permission: Permissions, _ list: RawSpan, _ identities: RawSpan) -> Bool {
        if list.byteCount == 0 { return true }
        if isSuper(identities) { return true }
        do {
            var reader = try AccessListReader(list)
            while let entry = try reader.next() {
                guard !entry.permissions.isDisjoint(with: permission) else { continue }
                if try matches(entry.scheme, entry.id, identities) { return true }
            }
        } catch {
            return false
        }
        return false
    }

    /// Whether the connection has proven the identity that may do everything.
    static func isSuper(_ identities: RawSpan) -> Bool {
        do {
            var reader = try Identities.Reader(identities)
            while let identity = try reader.next() {
                if identity.scheme.equals("super") { return true }
            }
        } catch {
            return false
        }
        return false
    }

    private static func matches(_ scheme: RawSpan, _ id: RawSpan, _ identities: RawSpan) throws(CommandError) -> Bool {
        if scheme.equals("world") { return id.equals("anyone") }
        var reader = try Identities.Reader(identities)
        if scheme.equals("ip") { return AddressRange(id)?.contains(reader.address) ?? false }
        while let identity = try reader.next() {
            if Bytes.equal(identity.scheme, scheme), Bytes.equal(identity.id, id) { return true }
        }
        return false
    }
}
