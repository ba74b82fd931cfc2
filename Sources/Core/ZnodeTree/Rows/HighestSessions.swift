package import CoreTypes

/// The highest session id that was ever opened, for each top byte, which is the replica that gave the id out.
///
/// A session id is used once, for ever: an open command that turns up a second time, after its session was closed, must
/// not open it again. So ids of one replica must rise.
package struct HighestSessions: Equatable, Sendable {
    private var ids: [UInt64] = []

    package init() {}

    /// The highest id with this top byte; `none` if there was none.
    package subscript(replica: UInt8) -> SessionID {
        for id in ids where UInt8(truncatingIfNeeded: id >> 56) == replica { return SessionID(rawValue: id) }
        return .none
    }

    /// Whether a session of this id could not have been opened before.
    package func allows(_ session: SessionID) -> Bool {
        session > self[UInt8(truncatingIfNeeded: session.rawValue >> 56)]
    }

    /// Notes that a session was opened; ids stay sorted.
    mutating func note(_ session: SessionID) {
        let replica = session.rawValue >> 56
        for index in ids.indices {
            if ids[index] >> 56 == replica {
                ids[index] = max(ids[index], session.rawValue)
                return
            }
            if ids[index] >> 56 > replica {
                ids.insert(session.rawValue, at: index)
                return
            }
        }
        ids.append(session.rawValue)
    }

    func encode(into builder: ByteBuilder) {
        builder.append(littleEndian: UInt32(ids.count))
        for id in ids { builder.append(littleEndian: id) }
    }

    @_lifetime(reader: copy reader)
    init(from reader: inout ByteReader) throws(RowError) {
        do {
            let count: UInt32 = try reader.integer()
            guard count <= 256 else { throw RowError(.field(.init("highestSessions"))) }
            for _ in 0..<count { ids.append(try reader.integer()) }
        } catch let error as RowError {
            throw error
        } catch {
            throw RowError(.byteCount)
        }
    }
}
