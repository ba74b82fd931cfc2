package import CoreTypes

/// What a checkpoint stands for: written in the same transaction as the rows.
package struct MetaRow: Equatable, Sendable {
    /// Every slot up to this one is in the rows, and none after it.
    package var appliedSlot = Slot.none
    /// The zxid that was given out last.
    package var lastZxid = Zxid.zero
    /// The highest stamp of any proposal applied.
    package var lastTime = WallClockTime.zero
    /// The id that the next znode takes.
    package var nextNodeID = NodeID(rawValue: 1)
    /// Znodes, the root included.
    package var nodeCount: UInt64 = 0
    /// Bytes of all paths and data, as ZooKeeper's approximate_data_size counts them.
    package var approximateByteCount: UInt64 = 0
    package var digest = TreeDigest()
    package var sessionCount: UInt64 = 0
    package var ephemeralCount: UInt64 = 0
    package var reapableCount: UInt64 = 0
    /// The highest session id ever opened for each replica, by the id's top byte; 0 for none.
    package var highestSessions = HighestSessions()

    /// The version of the state machine's formats that this row belongs to.
    package static let formatVersion: UInt32 = 1

    /// Whether there is a row of the membership.
    package var hasMembership = false

    package init() {}

    package func encode(into builder: ByteBuilder) {
        builder.append(littleEndian: MetaRow.formatVersion)
        builder.append(littleEndian: UInt32(hasMembership ? 1 : 0))
        builder.append(littleEndian: appliedSlot.rawValue)
        builder.append(littleEndian: lastZxid.rawValue)
        builder.append(littleEndian: lastTime.rawValue)
        builder.append(littleEndian: nextNodeID.rawValue)
        builder.append(littleEndian: nodeCount)
        builder.append(littleEndian: approximateByteCount)
        builder.append(littleEndian: digest.znodes)
        builder.append(littleEndian: digest.sessions)
        builder.append(littleEndian: sessionCount)
        builder.append(littleEndian: ephemeralCount)
        builder.append(littleEndian: reapableCount)
        highestSessions.encode(into: builder)
    }

    /// - Throws: `RowError`, whatever the bytes.
    package init(payload: RawSpan) throws(RowError) {
        do {
            var reader = ByteReader(payload)
            let version: UInt32 = try reader.integer()
            guard version == MetaRow.formatVersion else {
                throw RowError(.layout(UInt8(truncatingIfNeeded: version)))
            }
            let membershipCount: UInt32 = try reader.integer()
            guard membershipCount <= 1 else { throw RowError(.field(.init("hasMembership"))) }
            hasMembership = membershipCount == 1
            appliedSlot = Slot(rawValue: try reader.integer())
            lastZxid = Zxid(rawValue: try reader.integer())
            lastTime = WallClockTime(rawValue: try reader.integer())
            nextNodeID = NodeID(rawValue: try reader.integer())
            nodeCount = try reader.integer()
            approximateByteCount = try reader.integer()
            digest.znodes = try reader.integer()
            digest.sessions = try reader.integer()
            sessionCount = try reader.integer()
            ephemeralCount = try reader.integer()
            reapableCount = try reader.integer()
            highestSessions = try HighestSessions(from: &reader)
            guard reader.remaining == 0 else { throw RowError(.byteCount) }
        } catch let error as RowError {
            throw error
        } catch {
            throw RowError(.byteCount)
        }
    }

    /// The payload of the meta row of a base, decoded; nil if the base is empty.
    ///
    /// - Throws: `StorageFault` when the row is damaged or from a newer version.
    package static func read(from reader: any ZnodeBaseReader) throws(StorageFault) -> MetaRow? {
        var found: MetaRow?
        try reader.forEachSystemRow(prefix: SystemKey.meta) { key, value throws(StorageFault) in
            guard let payload = SystemRow.payload(key: key, value: value) else {
                throw StorageFault.systemRow("the checksum does not match", key: key)
            }
            do throws(RowError) {
                found = try MetaRow(payload: payload)
            } catch {
                throw StorageFault.systemRow(error.description, key: key)
            }
        }
        return found
    }
}

extension StorageFault {
    /// A damaged system row.
    static func systemRow(_ what: String, key: RawSpan) -> StorageFault {
        var digits = ""
        for offset in 0..<key.byteCount {
            let byte = unsafe key.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            digits += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return StorageFault(
            "system row: \(what)", at: "the store's system rows, key 0x\(digits)",
            remedy: "rebuild the store from the newest snapshot and the log: aviaryctl rebuild")
    }
}
