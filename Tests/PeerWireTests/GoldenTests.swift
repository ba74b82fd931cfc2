import Glibc
import Testing

@testable import PeerWire

/// Every layout, byte for byte. `REWRITE=1` writes the file anew; a change of it is a change of `PeerWire.version`.
@Suite("Golden messages")
struct GoldenTests {
    private static let path =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        + "/testdata/messages.txt"

    private static let heading =
        "# Bodies of frames between replicas, version 1; one \"name: hexadecimal bytes\" a line.\n"

    private static var text: String {
        heading + Sample.all.map { "\($0.name): \(hexadecimal($0.sample.encoded))\n" }.joined()
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func read() throws -> String {
        let file = try #require(fopen(path, "r"), "cannot open \(path)")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4_096)
        while case let count = fread(&block, 1, block.count, file), count > 0 { bytes += block[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("one of every message is encoded as ever")
    func encoding() throws {
        if getenv("REWRITE") != nil {
            let file = try #require(fopen(Self.path, "w"))
            fputs(Self.text, file)
            fclose(file)
        }
        let expected = try Self.read().split(separator: "\n")
        let actual = Self.text.split(separator: "\n")
        #expect(expected.count == actual.count)
        for (expected, actual) in zip(expected, actual) { #expect(expected == actual) }
    }

    @Test("every line of the file is decoded to its message")
    func decoding() throws {
        var lines: [String: String] = [:]
        for line in try Self.read().split(separator: "\n") where line.first != "#" {
            let parts = line.split(separator: ":", maxSplits: 1)
            lines[String(parts[0])] = parts[1].filter { $0 != " " }
        }
        for (name, sample) in Sample.all {
            let digits = Array(try #require(lines[name], "no line \(name)").utf8)
            let bytes = stride(from: 0, to: digits.count, by: 2).map { index in
                UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16) ?? 0
            }
            let decoded = try Sample(decoding: bytes)
            #expect(decoded == sample, "\(name)")
        }
    }

    @Test("there is a line for every kind")
    func kinds() {
        let kinds = Set(Sample.all.map { PeerMessageKind($0.sample.message) })
        #expect(kinds.count == PeerMessageKind.allCases.count)
    }
}
