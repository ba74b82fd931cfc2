import CoreTypes
import Jute
import Testing
import ZooKeeperWire

@Suite("records are ZooKeeper's, byte for byte")
struct RecordTests {
    let golden: Golden

    init() throws { golden = try Golden() }

    private let password = SessionPassword(high: 0x0001_0203_0405_0607, low: 0x0809_0A0B_0C0D_0E0F)

    @Test("the first frame is 45 bytes, or 44 from clients that do not know read-only servers")
    func connectRequest() throws {
        let long = try golden["connectRequest45"]
        let short = try golden["connectRequest44"]
        #expect(long.count == 45 && short.count == 44)
        let new = ConnectRequest(timeoutMilliseconds: 10_000)
        #expect(encoded { new.encode(into: $0) } == long)
        var reader = JuteReader(long.span.bytes)
        #expect(try ConnectRequest(from: &reader) == new)
        let again = ConnectRequest(
            lastZxidSeen: 255, timeoutMilliseconds: 10_000, session: SessionID(rawValue: 0x0102_0304_0506_0708),
            password: password, isReadOnlyAllowed: nil)
        #expect(encoded { again.encode(into: $0) } == short)
        var second = JuteReader(short.span.bytes)
        #expect(try ConnectRequest(from: &second) == again)
    }

    @Test("its reply is 37 or 36 bytes, as the client asked")
    func connectResponse() throws {
        let session = SessionID(rawValue: 0x0100_0000_0000_0001)
        let long = ConnectResponse(
            timeoutMilliseconds: 10_000, session: session, password: password, isReadOnly: false)
        let short = ConnectResponse(timeoutMilliseconds: 10_000, session: session, password: password, isReadOnly: nil)
        #expect(encoded { long.encode(into: $0) } == (try golden["connectResponse37"]))
        #expect(encoded { short.encode(into: $0) } == (try golden["connectResponse36"]))
        let refused = ConnectResponse.refused(isReadOnly: false)
        #expect(encoded { refused.encode(into: $0) } == (try golden["connectRefused37"]))
        #expect(try golden["connectResponse37"].count == 37)
        let bytes1 = try golden["connectResponse36"]
        var reader = JuteReader(bytes1.span.bytes)
        #expect(try ConnectResponse(from: &reader) == short)
    }

    @Test("a password that is not 16 bytes is nobody's")
    func oddPassword() throws {
        let builder = ByteBuilder()
        builder.append(zeros: 24)
        builder.append(juteString: "short")
        var reader = JuteReader(builder.bytes)
        #expect(try ConnectRequest(from: &reader).password == nil)
    }

    @Test("headers and events")
    func headers() throws {
        let bytes2 = try golden["requestHeader"]
        var reader = JuteReader(bytes2.span.bytes)
        #expect(try RequestHeader(from: &reader) == RequestHeader(xid: 7, operation: .getData))
        let bytes3 = try golden["closeHeader"]
        var closing = JuteReader(bytes3.span.bytes)
        #expect(try RequestHeader(from: &closing).operation == .closeSession)
        #expect(
            encoded { ReplyHeader(xid: 7, zxid: 80, error: .noNode).encode(into: $0) } == (try golden["replyHeader"]))
        let path = Array("/a".utf8)
        let event = encoded {
            ReplyHeader(xid: SpecialXid.notification, zxid: 79).encode(into: $0)
            WatcherEvent(type: .nodeDataChanged, path: path.span.bytes).encode(into: $0)
        }
        #expect(event == (try golden["notification"]))
    }

    @Test("the Stat is 68 bytes")
    func stat() throws {
        let bytes = try golden["stat"]
        #expect(bytes.count == Stat.byteCount)
        var reader = JuteReader(bytes.span.bytes)
        let stat = try Stat(from: &reader)
        #expect(stat.pzxid == 11 && stat.ephemeralOwner == 8 && stat.dataLength == 9 && stat.mtime == 4)
        #expect(encoded { stat.encode(into: $0) } == bytes)
    }

    @Test("create carries path, data, list and flags, and createTTL a time besides")
    func create() throws {
        let bytes = try golden["create"]
        #expect(encoded { $0.append(createRequest: "/a", data: [120], mode: .ephemeralSequential) } == bytes)
        var reader = JuteReader(bytes.span.bytes)
        let request = try CreateRequest(from: &reader, hasTTL: false)
        #expect(array(request.path) == Array("/a".utf8))
        if let data = request.data { #expect(array(data) == [120]) } else { Issue.record("there is data") }
        #expect(CreateMode(rawValue: request.flags) == .ephemeralSequential)
        var entries = try AccessListReader(request.accessList)
        if let entry = try entries.next() {
            #expect(entry.permissions == .all && entry.scheme.equals("world") && entry.id.equals("anyone"))
        } else {
            Issue.record("the list has an entry")
        }
        #expect(entries.remainingCount == 0)

        let timed = try golden["createTTL"]
        let made = encoded {
            $0.append(createRequest: "/t", data: nil, mode: .persistentWithTTL, ttlMilliseconds: 1_000)
        }
        #expect(made == timed)
        var second = JuteReader(timed.span.bytes)
        let ttl = try CreateRequest(from: &second, hasTTL: true)
        #expect(ttl.ttlMilliseconds == 1_000)
        if ttl.data != nil { Issue.record("null is not empty") }
    }

    @Test("setData, delete and exists")
    func simpleRequests() throws {
        let bytes4 = try golden["setData"]
        var reader = JuteReader(bytes4.span.bytes)
        let set = try SetDataRequest(from: &reader)
        #expect(set.version == -1)
        if let data = set.data { #expect(data.byteCount == 0) } else { Issue.record("empty is not null") }
        #expect(encoded { $0.append(setDataRequest: "/a", data: [], version: -1) } == (try golden["setData"]))
        let bytes5 = try golden["delete"]
        var deletion = JuteReader(bytes5.span.bytes)
        #expect(try DeleteRequest(from: &deletion).version == 3)
        let bytes6 = try golden["exists"]
        var exists = JuteReader(bytes6.span.bytes)
        #expect(try PathRequest(from: &exists, hasWatch: true).wantsWatch)
    }

    @Test("multi's headers")
    func multi() throws {
        let open = MultiHeader(operation: .multi, error: ErrorCode(rawValue: -1))
        #expect(encoded { open.encode(into: $0) } == (try golden["multiHeader"]))
        #expect(encoded { MultiHeader.end.encode(into: $0) } == (try golden["multiEnd"]))
        let bytes7 = try golden["multiEnd"]
        var reader = JuteReader(bytes7.span.bytes)
        #expect(try MultiHeader(from: &reader) == .end)
    }

    @Test("auth carries a scheme and what proves it")
    func auth() throws {
        #expect(encoded { $0.append(authPacket: "digest", credentials: "bob:pw") } == (try golden["auth"]))
        let bytes8 = try golden["auth"]
        var reader = JuteReader(bytes8.span.bytes)
        let packet = try AuthPacket(from: &reader)
        #expect(packet.scheme.equals("digest") && packet.credentials.equals("bob:pw"))
    }

    @Test("setWatches2 has five lists, read in order")
    func setWatches() throws {
        let bytes = try golden["setWatches2"]
        var request = try SetWatchesRequest(bytes.span.bytes, hasPersistent: true)
        #expect(request.relativeZxid == 5)
        var seen: [String] = []
        while let element = try request.next() {
            seen.append("\(element.kind) \(String(decoding: array(element.path), as: UTF8.self))")
        }
        #expect(seen == ["data /a", "child /c", "persistentRecursive /r"])
        for count in 0..<bytes.count {
            let cut = Array(bytes[..<count])
            #expect(!isWhole(setWatches: cut), "cut to \(count)")
        }
    }

    private func isWhole(setWatches bytes: [UInt8]) -> Bool {
        do { _ = try SetWatchesRequest(bytes.span.bytes, hasPersistent: true) } catch { return false }
        return true
    }

    private func isWhole(_ bytes: [UInt8], _ parse: (inout JuteReader) throws(JuteError) -> Void) -> Bool {
        var reader = JuteReader(bytes.span.bytes)
        do { try parse(&reader) } catch { return false }
        return true
    }

    @Test("every record that is cut short throws, at every length")
    func truncated() throws {
        let parsers: [(String, (inout JuteReader) throws(JuteError) -> Void)] = [
            ("connectRequest44", { (r) throws(JuteError) in _ = try ConnectRequest(from: &r) }),
            ("create", { (r) throws(JuteError) in _ = try CreateRequest(from: &r, hasTTL: false).flags }),
            ("createTTL", { (r) throws(JuteError) in _ = try CreateRequest(from: &r, hasTTL: true).flags }),
            ("setData", { (r) throws(JuteError) in _ = try SetDataRequest(from: &r).version }),
            ("delete", { (r) throws(JuteError) in _ = try DeleteRequest(from: &r).version }),
            ("exists", { (r) throws(JuteError) in _ = try PathRequest(from: &r, hasWatch: true).wantsWatch }),
            ("auth", { (r) throws(JuteError) in _ = try AuthPacket(from: &r).type }),
            ("stat", { (r) throws(JuteError) in _ = try Stat(from: &r) }),
            ("multiHeader", { (r) throws(JuteError) in _ = try MultiHeader(from: &r) }),
        ]
        for (name, parse) in parsers {
            let bytes = try golden[name]
            #expect(isWhole(bytes, parse))
            for count in 0..<bytes.count {
                #expect(!isWhole(Array(bytes[..<count]), parse), "\(name) cut to \(count)")
            }
        }
    }

    @Test("frame lengths: zero and the limit pass, beyond and below do not")
    func frameLengths() {
        let limit = Limits.frameByteCountDefault
        #expect(FrameLength(0, byteCountMax: limit) == .body(byteCount: 0))
        #expect(FrameLength(1_048_575, byteCountMax: limit) == .body(byteCount: 1_048_575))
        #expect(FrameLength(1_048_576, byteCountMax: limit) == .tooLong(1_048_576))
        #expect(FrameLength(-1, byteCountMax: limit) == .negative(-1))
    }
}
