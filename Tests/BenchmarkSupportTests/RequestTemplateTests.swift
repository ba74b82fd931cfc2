import CoreTypes
import Testing
import ZooKeeperWire

@testable import BenchmarkSupport

@Suite("requests made beforehand")
struct RequestTemplateTests {
    @Test("eight digits of any number")
    func digits() {
        var generator = SplitMix64(seed: 3)
        let edges: [UInt32] = [0, 9, 10, 99, 100, 999, 9999, 10_000, 99_999, 12_345_678, 99_999_999]
        for number in edges + (0..<2000).map({ _ in UInt32.random(in: 0...99_999_999, using: &generator) }) {
            let expected = String(number + 100_000_000).utf8.dropFirst()
            let word = DecimalDigits.eight(number)
            let got = (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
            #expect(got == Array(expected), "number \(number)")
        }
    }

    /// The frame that the house's own encoder makes of the same request.
    private func expected(_ operation: Operation, xid: Int32, path: String, value: [UInt8]) -> [UInt8] {
        let body = ByteBuilder()
        body.append(bigEndian: xid)
        body.append(bigEndian: operation.rawValue)
        switch operation {
        case .create: body.append(createRequest: path, data: value)
        case .set: body.append(setDataRequest: path, data: value, version: -1)
        case .get, .exists: body.append(pathRequest: path, watch: false)
        case .delete: body.append(deleteRequest: path, version: -1)
        }
        let frame = ByteBuilder()
        frame.append(bigEndian: UInt32(body.count))
        let span = body.bytes
        frame.append(span)
        return frame.bytes.withUnsafeBytes { Array($0) }
    }

    @Test("patched, they are what the house's own encoder makes", arguments: Operation.allCases)
    func patching(operation: Operation) throws {
        for (depth, byteCount) in [(1, 100), (2, 8), (3, 100), (3, 7), (3, 0), (5, 1024)] {
            let space = try KeySpace(keyCount: 99_999_000, depth: depth)
            let template = PreparedTemplate(
                RequestTemplate(operation, keySpace: space, value: LoadPlan.value(byteCount: byteCount)))
            defer { template.deallocate() }
            for key in [0, 7, 12_345, 98_765_432] {
                let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: template.byteCount, alignment: 1)
                defer { bytes.deallocate() }
                let start = try #require(bytes.baseAddress)
                RequestTemplate.write(template, xid: 77, directory: UInt32(key / 1000), key: UInt32(key), to: start)
                var value = LoadPlan.value(byteCount: byteCount)
                if byteCount >= 8 { value.replaceSubrange(0..<8, with: String(key + 100_000_000).utf8.dropFirst()) }
                let want = expected(operation, xid: 77, path: space.path(key), value: value)
                #expect(Array(bytes) == want, "depth \(depth), \(byteCount) bytes, key \(key)")
            }
        }
    }

    @Test("requests that are sent once are the same")
    func onceOnly() {
        for operation in Operation.allCases {
            let got = SessionFrames.request(operation, xid: 3, path: "/a/b", value: [1, 2])
            #expect(got == expected(operation, xid: 3, path: "/a/b", value: [1, 2]))
        }
    }

    @Test("a Stat's fields stand where they are looked for")
    func statOffsets() {
        var stat = Stat()
        stat.mzxid = 0x0102_0304_0506
        stat.version = 77
        stat.dataLength = 100
        let builder = ByteBuilder()
        stat.encode(into: builder)
        #expect(builder.count == ReplyLayout.statByteCount)
        let bytes = builder.bytes.withUnsafeBytes { Array($0) }
        bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return }
            #expect(ReplyLayout.int64(start, ReplyLayout.statModifiedZxid) == 0x0102_0304_0506)
            #expect(ReplyLayout.int32(start, ReplyLayout.statVersion) == 77)
            #expect(ReplyLayout.int32(start, ReplyLayout.statDataLength) == 100)
        }
    }

    @Test("paths have the depth that was asked for, a thousand keys to a directory")
    func paths() throws {
        #expect(try KeySpace(keyCount: 5, depth: 1).path(3) == "/bench-k00000003")
        #expect(try KeySpace(keyCount: 5, depth: 2).path(3) == "/bench/k00000003")
        let space = try KeySpace(keyCount: 12_346, depth: 3)
        #expect(space.path(12_345) == "/bench/d00012/k00012345")
        #expect(space.directoryCount == 13)
        #expect(space.ancestors == ["/bench"])
        #expect(try KeySpace(keyCount: 1, depth: 5).path(0) == "/bench/x/x/d00000/k00000000")
        #expect(try KeySpace(keyCount: 1, depth: 5).ancestors == ["/bench", "/bench/x", "/bench/x/x"])
        for depth in 1...6 {
            #expect(try KeySpace(keyCount: 1, depth: depth).path(0).split(separator: "/").count == depth)
        }
        #expect(throws: BenchmarkError.self) { try KeySpace(keyCount: 0) }
        #expect(throws: BenchmarkError.self) { try KeySpace(keyCount: 100_000_000) }
        #expect(throws: BenchmarkError.self) { try KeySpace(keyCount: 1, depth: 0) }
    }

    @Test("a path that is put together is the one that the key has")
    func composedPaths() throws {
        for depth in 1...5 {
            let space = try KeySpace(keyCount: KeySpace.keyCountMax, depth: depth)
            let composer = PathComposer(space)
            for key in [0, 7, 999, 1_000, 12_345, 999_999, 45_678_901, KeySpace.keyCountMax - 1] {
                #expect(composer.path(key) == space.path(key))
            }
        }
    }

    @Test("a granted session is told from a refused one and from bytes that are neither")
    func grants() throws {
        let frame = ByteBuilder()
        let password = SessionPassword(high: 1, low: 2)
        ConnectResponse(
            timeoutMilliseconds: 30_000, session: SessionID(rawValue: 9), password: password, isReadOnly: false
        ).encode(into: frame)
        let granted = try SessionGrant(frame.bytes.withUnsafeBytes { Array($0) })
        #expect(granted.timeoutMilliseconds == 30_000 && granted.session == 9)
        let refusal = ByteBuilder()
        ConnectResponse.refused(isReadOnly: nil).encode(into: refusal)
        let refused = refusal.bytes.withUnsafeBytes { Array($0) }
        #expect(throws: BenchmarkError.self) { try SessionGrant(refused) }
        #expect(throws: BenchmarkError.self) { try SessionGrant([1, 2, 3]) }
    }
}
