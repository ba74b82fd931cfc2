import CoreTypes
import Testing
import ZooKeeperWire

@testable import ZnodeTree

@Suite("Commands")
struct CommandCodecTests {
    private func proposal(_ count: Int) -> ByteBuilder {
        let bytes = ByteBuilder()
        ProposalHeader(commandCount: UInt32(count), time: WallClockTime(rawValue: 77)).append(to: bytes)
        for index in 0..<count {
            let identities = [UInt8](repeating: 1, count: index)
            let body = [UInt8](repeating: 2, count: 3 * index)
            CommandWriter.append(
                CommandHeader(
                    kind: Int32(index) - 2, session: SessionID(rawValue: 5), attachment: AttachmentID(rawValue: 6),
                    sequence: UInt64(index)),
                identities: identities.span.bytes, body: body.span.bytes, to: bytes)
        }
        return bytes
    }

    private func read(_ bytes: [UInt8]) throws(CommandError) -> [CommandReader.Command] {
        var reader = try CommandReader(bytes.span.bytes)
        var commands: [CommandReader.Command] = []
        while let command = try reader.next() { commands.append(command) }
        return commands
    }

    @Test("commands come back as they were written")
    func roundTrip() throws {
        let bytes = [UInt8](copying: proposal(5).bytes)
        let commands = try read(bytes)
        #expect(commands.count == 5)
        for (index, command) in commands.enumerated() {
            #expect(command.header.kind == Int32(index) - 2)
            #expect(command.header.sequence == UInt64(index))
            #expect(Array(bytes[command.identities]) == [UInt8](repeating: 1, count: index))
            #expect(Array(bytes[command.body]) == [UInt8](repeating: 2, count: 3 * index))
        }
    }

    @Test("a part of a proposal whose header is not stamped yet is read from where the part before it ended")
    func parts() throws {
        let whole = proposal(5)
        let commands = try read([UInt8](copying: whole.bytes))
        ProposalHeader(commandCount: 0, time: .zero).overwrite(whole)
        var found: [Range<Int>] = []
        var start = ProposalHeader.encodedByteCount
        for count: UInt32 in [2, 1, 2] {
            var reader = try CommandReader(whole.bytes, from: start, count: count)
            while reader.remaining > 0, let command = try reader.next() { found.append(command.body) }
            start = reader.offset
        }
        #expect(found == commands.map(\.body))
        #expect(start == whole.count)
        #expect(throws: CommandError.self) {
            _ = try CommandReader([UInt8](copying: whole.bytes).span.bytes, from: whole.count + 1, count: 1)
        }
    }

    @Test("a proposal's bytes never change: they are in the log")
    func golden() {
        let bytes = [UInt8](copying: proposal(2).bytes)
        let expected: [UInt8] =
            [1, 0, 0, 0, 2, 0, 0, 0, 77, 0, 0, 0, 0, 0, 0, 0]
            + [34, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 5, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]
            + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            + [38, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 5, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]
            + [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 2, 2, 2]
        #expect(bytes == expected)
    }

    @Test("a proposal cut anywhere, or with bytes behind it, is refused")
    func cut() {
        let bytes = [UInt8](copying: proposal(3).bytes)
        for count in 0..<bytes.count {
            #expect(throws: CommandError.self, "cut at \(count)") { try read(Array(bytes[..<count])) }
        }
        #expect(throws: CommandError.self) { try read(bytes + [0]) }
    }

    @Test("no bytes at all make the reader trap", arguments: [UInt64](1...4))
    func fuzz(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let whole = [UInt8](copying: proposal(4).bytes)
        var refused = 0
        for _ in 0..<5_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[index] = UInt8(truncatingIfNeeded: generator.next())
            }
            do throws(CommandError) {
                for command in try read(bytes) {
                    #expect(command.body.upperBound <= bytes.count && command.identities.upperBound <= bytes.count)
                }
            } catch {
                refused += 1
            }
        }
        #expect(refused > 0)
    }

    @Test("session bodies come back as they were written, and are refused when cut")
    func sessionBodies() throws {
        let open = OpenSessionBody(
            replica: ReplicaID(rawValue: 3), timeoutMilliseconds: 30_000,
            password: SessionPassword(high: 0x0102_0304_0506_0708, low: 9), isHidden: true)
        let bytes = ByteBuilder()
        open.append(to: bytes)
        let array = [UInt8](copying: bytes.bytes)
        #expect(array[5] == 1 && array[12] == 8)
        let read = try OpenSessionBody(array.span.bytes)
        #expect(read == open)
        #expect(throws: CommandError.self) {
            let short = Array(array.dropLast())
            _ = try OpenSessionBody(short.span.bytes)
        }
        let attach = AttachSessionBody(
            replica: ReplicaID(rawValue: 3), timeoutMilliseconds: 1, password: open.password)
        bytes.removeAll()
        attach.append(to: bytes)
        let readAttach = try AttachSessionBody(bytes.bytes)
        #expect(readAttach == attach)
    }

    @Test("identities come back in order, and there is a limit to them")
    func identities() throws {
        let bytes = ByteBuilder()
        Identities.begin(address: [127, 0, 0, 1], into: bytes)
        for number in 0..<Identities.countMax {
            #expect(
                Identities.add(scheme: Array("digest".utf8), id: [UInt8(number)], addressByteCount: 4, to: bytes))
        }
        #expect(!Identities.add(scheme: [], id: [], addressByteCount: 4, to: bytes))
        var reader = try Identities.Reader(bytes.bytes)
        let address = [UInt8](copying: reader.address)
        #expect(address == [127, 0, 0, 1])
        var ids: [UInt8] = []
        while let identity = try reader.next() {
            let isDigest = identity.scheme.equals("digest")
            #expect(isDigest)
            ids += [UInt8](copying: identity.id)
        }
        #expect(ids == (0..<64).map { UInt8($0) })
        let none: [UInt8] = []
        var empty = try Identities.Reader(none.span.bytes)
        let first = try empty.next() == nil
        #expect(first)
    }
}
