import CoreTypes
import Glibc
import PosixIO
import SystemPackage
import Testing

@testable import DurableLog

@Suite("Golden files")
struct GoldenTests {
    private static let folder = FilePath(#filePath).removingLastComponent().appending("Golden")

    /// The log whose first segment is kept: one of every kind of record, flag and field.
    private func make() throws -> MemoryFileSystem {
        let fixture = try LogFixture()
        let identity = LogIdentity(
            clusterID: ClusterID(Identifier128(high: 0x0001_0203_0405_0607, low: 0x0809_0A0B_0C0D_0E0F)),
            incarnation: Incarnation(Identifier128(high: 0x1011_1213_1415_1617, low: 0x1819_1A1B_1C1D_1E1F)))
        let (log, _) = try fixture.open(identity: identity)
        _ = try log.append(promise: Ballot(round: 3, replica: ReplicaID(rawValue: 2)))
        _ = try log.append(membership: [UInt8]("voters 1 2 3".utf8).span.bytes)
        log.flush()
        let first = [UInt8]("first proposal".utf8)
        let second = [UInt8]("second proposal".utf8)
        let ballot = Ballot(round: 3, replica: ReplicaID(rawValue: 2))
        _ = try log.append(accepted: Slot(rawValue: 1), ballot: ballot, payload: first.span.bytes)
        _ = try log.append(accepted: Slot(rawValue: 2), ballot: ballot, payload: second.span.bytes)
        _ = try log.append(chosenThrough: Slot(rawValue: 1))
        log.flush()
        _ = try log.append(chosen: Slot(rawValue: 2), ballot: ballot, payload: second.span.bytes)
        _ = try log.append(base: LogBase(slot: Slot(rawValue: 1), description: [UInt8]("snapshot".utf8)))
        log.flush()
        log.stepMark(isCleanStop: true)
        return fixture.fileSystem
    }

    /// Only the blocks that are not zero, each behind its number, in hexadecimal lines of 32 bytes.
    private func text(_ bytes: [UInt8]) -> String {
        var lines: [String] = []
        for block in 0..<(bytes.count / 4096) {
            let content = bytes[(block * 4096)..<((block + 1) * 4096)]
            guard content.contains(where: { $0 != 0 }) else { continue }
            lines.append("block \(block)")
            let end = (content.lastIndex { $0 != 0 } ?? content.startIndex) - content.startIndex + 1
            for start in stride(from: 0, to: end, by: 32) {
                let part = content.dropFirst(start).prefix(32)
                lines.append(
                    part.map { byte in
                        let digits = String(byte, radix: 16)
                        return digits.count == 1 ? "0" + digits : digits
                    }.joined())
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func bytes(_ text: String) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        var at = 0
        for line in text.split(separator: "\n") {
            if line.hasPrefix("block ") {
                at = (Int(line.dropFirst(6)) ?? 0) * 4096
                continue
            }
            var digits = line[...]
            while digits.count >= 2 {
                bytes[at] = UInt8(digits.prefix(2), radix: 16) ?? 0
                at += 1
                digits = digits.dropFirst(2)
            }
        }
        return bytes
    }

    private var path: FilePath { Self.folder.appending("segment.txt") }

    @Test("a segment is written byte for byte as it was when its format was fixed")
    func written() throws {
        let image = try make().image
        let segment = try #require(image.paths.first { $0.string.contains("log-") })
        let now = text(image.bytes(of: segment))
        // REWRITE=1 replaces the golden file: for a new version of the format, beside the old one.
        if getenv("REWRITE") != nil {
            try RealFileSystem().replaceFile(path, with: [UInt8](now.utf8).span.bytes)
        }
        let golden = try RealFileSystem().readFile(path, byteCountMax: 1_000_000)
        #expect(String(decoding: golden, as: UTF8.self) == now, "the format changed: raise its version instead")
    }

    @Test(
        "segments of that time are read, and of the time before headers told the base's slot",
        arguments: ["segment.txt", "segment-without-base-slot.txt"])
    func isRead(name: String) throws {
        let golden = try RealFileSystem().readFile(Self.folder.appending(name), byteCountMax: 1_000_000)
        let fixture = try LogFixture()
        let segment = LogFixture.directory.appending(SegmentName.log(1).string)
        let file = try fixture.fileSystem.open(segment, [.write, .create])
        try file.write(bytes(String(decoding: golden, as: UTF8.self)).span.bytes, at: 0)
        let (log, recovered) = try fixture.open()
        #expect(recovered.promised == Ballot(round: 3, replica: ReplicaID(rawValue: 2)))
        #expect(recovered.chosenThrough == Slot(rawValue: 1))
        #expect(recovered.membership == Array("voters 1 2 3".utf8))
        #expect(recovered.base == LogBase(slot: Slot(rawValue: 1), description: Array("snapshot".utf8)))
        #expect(recovered.accepted.map(\.slot.rawValue) == [1, 2])
        #expect(recovered.accepted.map(\.isChosen) == [false, true])
        #expect(recovered.report.wasCleanStop)
        #expect(recovered.identity.clusterID.value.description == "000102030405060708090a0b0c0d0e0f")
        #expect(try log.bytes(1)?.bytes == Array("first proposal".utf8))
    }
}
