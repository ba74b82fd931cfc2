import CoreTypes
import Testing
import ZooKeeperWire

@testable import ZnodeTree

@Suite("Znodes and their owners")
struct ZnodeTests {
    @Test("cversion on the wire counts creates and deletes of children, with 32-bit wrap")
    func cversion() {
        // creates, children left, cversion
        let table: [(Int32, UInt32, Int32)] = [
            (0, 1, -1), (0, 2, -2), (3, 3, 3), (3, 2, 4), (6, 0, 12), (.max, 0, -2), (.min, 0, 0), (.min, 1, -1),
        ]
        for (creates, children, cversion) in table {
            var node = Znode(id: .root, zxid: .zero, time: .zero, dataByteCount: 0)
            node.createCount = creates
            node.childCount = children
            #expect(node.stat.cversion == cversion, "\(creates) creates, \(children) children")
            #expect(node.stat.numChildren == Int32(children))
        }
    }

    @Test("null data has length 0 on the wire")
    func nullData() {
        #expect(Znode(id: .root, zxid: .zero, time: .zero, dataByteCount: -1).stat.dataLength == 0)
        #expect(Znode(id: .root, zxid: .zero, time: .zero, dataByteCount: 7).stat.dataLength == 7)
    }

    @Test("a fresh znode has one zxid and one time")
    func fresh() {
        let stat = Znode(id: .root, zxid: Zxid(rawValue: 9), time: WallClockTime(rawValue: 8), dataByteCount: 0).stat
        #expect(stat.czxid == 9 && stat.mzxid == 9 && stat.pzxid == 9 && stat.ctime == 8 && stat.mtime == 8)
        #expect(stat.version == 0 && stat.cversion == 0 && stat.aversion == 0)
    }

    @Test("an owner is a session, a container or a time to live, and only a session is told")
    func owners() {
        struct Row {
            var raw: UInt64
            var ephemeral = false
            var container = false
            var ttl: Int64?
        }
        let table = [
            Row(raw: 0),
            Row(raw: 1, ephemeral: true),
            Row(raw: 0x0100_0000_0000_0001, ephemeral: true),
            Row(raw: 0x8000_0000_0000_0000, container: true),
            Row(raw: 0x8000_0000_0000_0001, ephemeral: true),
            Row(raw: 0xFEFF_FFFF_FFFF_FFFF, ephemeral: true),
            Row(raw: 0xFF00_0000_0000_0001, ttl: 1),
            Row(raw: 0xFF00_00FF_FFFF_FFFF, ttl: 1_099_511_627_775),
        ]
        for row in table {
            let owner = ZnodeOwner(rawValue: row.raw)
            #expect(owner.isEphemeral == row.ephemeral && owner.isContainer == row.container, "\(row)")
            #expect(owner.ttlMilliseconds == row.ttl && owner.isTTL == (row.ttl != nil), "\(row)")
            #expect(owner.isReapable == (row.container || row.ttl != nil), "\(row)")
            #expect(owner.session.rawValue == (row.ephemeral ? row.raw : 0), "\(row)")
            #expect(ZnodeOwner.allows(SessionID(rawValue: row.raw)) == row.ephemeral, "\(row)")
            let node = Znode(id: .root, zxid: .zero, time: .zero, owner: owner, dataByteCount: 0)
            #expect(node.stat.ephemeralOwner == (row.ephemeral ? Int64(bitPattern: row.raw) : 0), "\(row)")
        }
    }

    @Test("a time to live is 1 to 2^40 - 1 milliseconds")
    func timesToLive() {
        for wrong in [0, -1, Int64.min, .max, 1_099_511_627_776] {
            #expect(ZnodeOwner(ttlMilliseconds: wrong) == nil, "\(wrong)")
        }
        for right in [1, 60_000, 1_099_511_627_775] as [Int64] {
            #expect(ZnodeOwner(ttlMilliseconds: right)?.ttlMilliseconds == right)
        }
    }
}
