import CoreTypes
import Testing
import ZooKeeperWire

@testable import ZnodeTree

@Suite("System rows")
struct SystemRowTests {
    private var meta: MetaRow {
        var meta = MetaRow()
        meta.appliedSlot = Slot(rawValue: 1)
        meta.lastZxid = Zxid(rawValue: 2)
        meta.lastTime = WallClockTime(rawValue: 3)
        meta.nextNodeID = NodeID(rawValue: 4)
        meta.nodeCount = 5
        meta.approximateByteCount = 6
        meta.digest = TreeDigest(znodes: 7, sessions: 8)
        meta.sessionCount = 9
        meta.ephemeralCount = 10
        meta.reapableCount = 11
        meta.highestSessions.note(SessionID(rawValue: 0x0200_0000_0000_0001))
        meta.highestSessions.note(SessionID(rawValue: 0x0100_0000_0000_0005))
        return meta
    }

    @Test("the meta row comes back as it was written, and no shorter or longer bytes are one")
    func metaRow() throws {
        let payload = bytes { meta.encode(into: $0) }
        #expect(try MetaRow(payload: payload.span.bytes) == meta)
        for count in 0..<payload.count {
            #expect(throws: RowError.self) { try MetaRow(payload: Array(payload[..<count]).span.bytes) }
        }
        #expect(throws: RowError(.byteCount)) { try MetaRow(payload: (payload + [0]).span.bytes) }
        var changed = meta
        changed.hasMembership = true
        let other = bytes { changed.encode(into: $0) }
        #expect(try MetaRow(payload: other.span.bytes) == changed)
        #expect(other[4] == 1 && payload[4] == 0)
        var newer = payload
        newer[0] = 2
        #expect(throws: RowError(.layout(2))) { try MetaRow(payload: newer.span.bytes) }
    }

    @Test("a payload comes back under its key only, and not when a bit of it flipped")
    func checksums() {
        let key: [UInt8] = [115, 1, 2, 3]
        let payload: [UInt8] = [9, 8, 7]
        let builder = ByteBuilder()
        SystemRow.encode(key: key.span.bytes, payload: payload.span.bytes, into: builder)
        let value = [UInt8](copying: builder.bytes)
        #expect(decodedPayload(key: key, value: value) == payload)
        let otherKey: [UInt8] = [115, 1, 2, 4]
        #expect(decodedPayload(key: otherKey, value: value) == nil)
        for bit in 0..<(value.count * 8) {
            var damaged = value
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(decodedPayload(key: key, value: damaged) == nil)
        }
        for count in 0...8 {
            let short = Array(value[..<count])
            #expect(decodedPayload(key: key, value: short) == nil)
        }
    }

    @Test("the highest session of each replica is kept, whatever the order of openings")
    func highestSessions() {
        var highest = HighestSessions()
        let opened: [UInt64] = [
            0x0300_0000_0000_0002, 0x0100_0000_0000_0009, 0x0100_0000_0000_0004, 0xFE00_0000_0000_0001,
        ]
        for id in opened { highest.note(SessionID(rawValue: id)) }
        #expect(highest[1].rawValue == 0x0100_0000_0000_0009)
        #expect(highest[2] == .none)
        #expect(highest[3].rawValue == 0x0300_0000_0000_0002)
        #expect(!highest.allows(SessionID(rawValue: 0x0100_0000_0000_0009)))
        #expect(highest.allows(SessionID(rawValue: 0x0100_0000_0000_000A)))
        #expect(highest.allows(SessionID(rawValue: 0x0200_0000_0000_0000)))
    }

    @Test("system rows are, byte for byte, those of the golden file")
    func golden() throws {
        let golden = try goldenRecords("rows.txt")
        #expect(bytes { meta.encode(into: $0) }.hexadecimal == golden["meta.payload"])
        #expect(sessionRow.hexadecimal == golden["session.payload"])
        let session = SessionID(rawValue: 0x0100_0000_0000_0005)
        #expect(bytes { SystemKey.append(session: session, to: $0) }.hexadecimal == golden["session.key"])
        #expect(
            bytes { SystemKey.append(ephemeral: NodeID(rawValue: 258), of: session, to: $0) }.hexadecimal
                == golden["ephemeral.key"])
        #expect(
            bytes { SystemKey.append(reapable: NodeID(rawValue: 258), to: $0) }.hexadecimal == golden["reapable.key"])
    }

    private var sessionRow: [UInt8] {
        let session = Session(
            id: SessionID(rawValue: 0x0100_0000_0000_0005), password: goldenPassword, timeoutMilliseconds: 30_000,
            replica: ReplicaID(rawValue: 3), isHidden: true, attachment: AttachmentID(rawValue: 6), nextSequence: 258)
        return bytes { session.encode(into: $0) }
    }

    @Test("a session comes back as it was written")
    func session() throws {
        let id = SessionID(rawValue: 0x0100_0000_0000_0005)
        let decoded = Session(id: id, payload: sessionRow.span.bytes)
        let session = try #require(decoded)
        #expect(bytes { session.encode(into: $0) } == sessionRow)
        #expect(session.nextSequence == 258 && session.isHidden && session.timeoutMilliseconds == 30_000)
        let short = Session(id: id, payload: Array(sessionRow.dropLast()).span.bytes)
        let long = Session(id: id, payload: (sessionRow + [0]).span.bytes)
        #expect(short == nil && long == nil)
    }
}
let goldenPassword = SessionPassword(high: 0x0001_0203_0405_0607, low: 0x0809_0A0B_0C0D_0E0F)
