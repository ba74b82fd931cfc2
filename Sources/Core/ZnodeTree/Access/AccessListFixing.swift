internal import CoreTypes
internal import Jute
internal import ZooKeeperWire

/// Makes the list that a client sent into the one that is stored. Source: `PrepRequestProcessor.fixupACL`.
enum AccessListFixing {
    /// Checks every entry, replaces `auth` by the identities of the connection, and leaves each entry once.
    ///
    /// - Returns: the encoded list; empty for "anybody may do everything".
    /// - Throws: INVALIDACL for a list that is null or empty, an unknown scheme, an id that is not one of its scheme,
    ///   or `auth` from a connection that has proven nothing.
    static func fixed(_ list: RawSpan, identities: RawSpan) throws(TreeFailure) -> [UInt8] {
        if isOpen(list) { return [] }
        do {
            let entries = try fixedEntries(list, identities)
            guard !entries.isEmpty, entries.count <= Limits.accessEntryCountMax else {
                throw TreeFailure.refused(.invalidACL)
            }
            let encoded = ByteBuilder()
            AccessList(entries).encode(into: encoded)
            return [UInt8](copying: encoded.bytes)
        } catch {
            throw .refused(.invalidACL)
        }
    }

    /// The list that almost all znodes have, compared as bytes.
    private static func isOpen(_ list: RawSpan) -> Bool {
        list.equals("\u{0}\u{0}\u{0}\u{1}\u{0}\u{0}\u{0}\u{1F}\u{0}\u{0}\u{0}\u{5}world\u{0}\u{0}\u{0}\u{6}anyone")
    }

    private static func fixedEntries(_ list: RawSpan, _ identities: RawSpan) throws -> [AccessEntry] {
        var entries: [AccessEntry] = []
        var reader = JuteReader(list)
        for entry in try AccessList(from: &reader).entries {
            if entry.scheme == Array("auth".utf8) {
                let proven = try provenIdentities(identities)
                if proven.isEmpty { throw TreeFailure.refused(.invalidACL) }
                for identity in proven {
                    add(AccessEntry(permissions: entry.permissions, scheme: identity.0, id: identity.1), to: &entries)
                }
            } else {
                guard isValid(entry) else { throw TreeFailure.refused(.invalidACL) }
                add(entry, to: &entries)
            }
        }
        return entries
    }

    private static func add(_ entry: AccessEntry, to entries: inout [AccessEntry]) {
        if !entries.contains(entry) { entries.append(entry) }
    }

    private static func provenIdentities(_ identities: RawSpan) throws -> [([UInt8], [UInt8])] {
        var proven: [([UInt8], [UInt8])] = []
        var reader = try Identities.Reader(identities)
        while let identity = try reader.next() {
            proven.append(([UInt8](copying: identity.scheme), [UInt8](copying: identity.id)))
        }
        return proven
    }

    private static func isValid(_ entry: AccessEntry) -> Bool {
        switch String(decoding: entry.scheme, as: UTF8.self) {
        case "world": entry.id == Array("anyone".utf8)
        case "digest": entry.id.filter { $0 == UInt8(ascii: ":") }.count == 1 && entry.id.last != UInt8(ascii: ":")
        case "ip": unsafe AddressRange(entry.id.span.bytes) != nil
        default: false
        }
    }
}
