internal import CoreTypes
internal import Jute
internal import ZooKeeperWire

/// Makes the list that a client sent into the one that is stored. Source: `PrepRequestProcessor.fixupACL`.
enum AccessListFixing {
    /// Leaves each entry once, checks it, and replaces `auth` by the identities of the connection.
    ///
    /// - Returns: the encoded list; empty for "anybody may do everything".
    /// - Throws: INVALIDACL for a list that is null or empty, an unknown scheme, an id that is not one of its scheme,
    ///   or `auth` from a connection that has proven nothing.
    static func fixed(_ list: RawSpan, identities: RawSpan) throws(TreeFailure) -> [UInt8] {
        if isOpen(list) { return [] }
        do {
            guard try AccessListReader(list).remainingCount <= Limits.accessEntryCountMax else {
                throw TreeFailure.refused(.invalidACL)
            }
            let entries = try fixedEntries(list, identities)
            guard !entries.isEmpty, entries.count <= Limits.accessEntryCountMax else {
                throw TreeFailure.refused(.invalidACL)
            }
            let encoded = ByteBuilder()
            AccessList(entries).encode(into: encoded)
            return isOpen(encoded.bytes) ? [] : [UInt8](copying: encoded.bytes)
        } catch {
            throw .refused(.invalidACL)
        }
    }

    /// The list that almost all znodes have, compared as bytes.
    private static func isOpen(_ list: RawSpan) -> Bool {
        let open: StaticString =
            "\u{0}\u{0}\u{0}\u{1}\u{0}\u{0}\u{0}\u{1F}\u{0}\u{0}\u{0}\u{5}world\u{0}\u{0}\u{0}\u{6}anyone"
        let bytes = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(open.utf8Start), byteCount: open.utf8CodeUnitCount)
        return Bytes.equal(list, bytes)
    }

    private static func fixedEntries(_ list: RawSpan, _ identities: RawSpan) throws -> [AccessEntry] {
        var reader = JuteReader(list)
        var given: [AccessEntry] = []
        for entry in try AccessList(from: &reader).entries where !given.contains(entry) { given.append(entry) }
        var entries: [AccessEntry] = []
        for entry in given {
            if entry.scheme == Array("auth".utf8) {
                let proven = try provenIdentities(identities)
                if proven.isEmpty { throw TreeFailure.refused(.invalidACL) }
                for identity in proven {
                    entries.append(AccessEntry(permissions: entry.permissions, scheme: identity.0, id: identity.1))
                }
            } else {
                guard isValid(entry) else { throw TreeFailure.refused(.invalidACL) }
                entries.append(entry)
            }
            guard entries.count <= Limits.accessEntryCountMax else { throw TreeFailure.refused(.invalidACL) }
        }
        return entries
    }

    /// What `auth` stands for: all that was proven but `super`, which no list names, and the address, which is no proof.
    private static func provenIdentities(_ identities: RawSpan) throws -> [([UInt8], [UInt8])] {
        var proven: [([UInt8], [UInt8])] = []
        var reader = try Identities.Reader(identities)
        while let identity = try reader.next() {
            if identity.scheme.equals("super") || identity.scheme.equals("ip") { continue }
            proven.append(([UInt8](copying: identity.scheme), [UInt8](copying: identity.id)))
        }
        return proven
    }

    private static func isValid(_ entry: AccessEntry) -> Bool {
        switch String(decoding: entry.scheme, as: UTF8.self) {
        case "world": entry.id == Array("anyone".utf8)
        case "digest": isDigest(entry.id)
        case "ip": unsafe AddressRange(entry.id.span.bytes) != nil
        default: false
        }
    }

    /// User and hash, as Java's `split(":")` finds two parts: it drops empty ones at the end.
    private static func isDigest(_ id: [UInt8]) -> Bool {
        var parts = id.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        while let last = parts.last, last.isEmpty { parts.removeLast() }
        return parts.count == 2
    }
}
