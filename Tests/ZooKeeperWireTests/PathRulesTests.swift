import CoreTypes
import Testing
import ZooKeeperWire

@Suite("paths")
struct PathRulesTests {
    private func fault(_ bytes: [UInt8]) -> PathError? {
        do { try PathRules.validate(bytes.span.bytes) } catch { return error }
        return nil
    }

    private func reason(_ path: String) -> PathError.Reason? { fault(Array(path.utf8))?.reason }

    @Test(
        "these are paths",
        arguments: [
            "/", "/a", "/a/b", "/.a", "/..a", "/a.", "/...", "/a b", "/ü", "/\u{A0}", "/日本", "/\u{FFEF}", "/\u{F900}",
        ])
    func valid(path: String) { #expect(reason(path) == nil) }

    @Test(
        "these are not, each for its reason",
        arguments: [
            ("", .empty), ("a", .notAbsolute), ("a/b", .notAbsolute), ("/a/", .endsInSlash), ("//", .endsInSlash),
            ("//a", .emptyComponent), ("/a//b", .emptyComponent), ("/.", .dotComponent), ("/..", .dotComponent),
            ("/a/./b", .dotComponent), ("/a/../b", .dotComponent), ("/a/..", .dotComponent),
            ("/\u{0}", .forbiddenCharacter), ("/a\u{1F}", .forbiddenCharacter), ("/\u{7F}", .forbiddenCharacter),
            ("/\u{9F}", .forbiddenCharacter), ("/\u{80}", .forbiddenCharacter), ("/\u{E000}", .forbiddenCharacter),
            ("/\u{F8FF}", .forbiddenCharacter), ("/\u{FFF0}", .forbiddenCharacter), ("/\u{FFFF}", .forbiddenCharacter),
            ("/😀", .forbiddenCharacter),
        ] as [(String, PathError.Reason)])
    func invalid(path: String, expected: PathError.Reason) { #expect(reason(path) == expected) }

    @Test(
        "bytes that are not UTF-8 are refused",
        arguments: [
            [0x80], [0xC0, 0xAF], [0xC2], [0xE2, 0x82], [0xE0, 0x80, 0x80], [0xFF], [0xF8, 0x88, 0x80, 0x80, 0x80],
        ] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        #expect(fault([0x2F] + bytes) == PathError(.notUTF8, at: 1))
        #expect(fault([0x2F] + bytes + [0x2F, 0x61]) == PathError(.notUTF8, at: 1))
    }

    @Test("encoded surrogates are refused like the characters they stand for")
    func surrogates() { #expect(fault([0x2F, 0xED, 0xA0, 0x80])?.reason == .forbiddenCharacter) }

    @Test("length and depth have limits")
    func limits() {
        let longest = "/" + String(repeating: "a", count: Limits.pathByteCountMax - 1)
        #expect(reason(longest) == nil)
        #expect(reason(longest + "a") == .tooLong)
        let deepest = String(repeating: "/a", count: Limits.pathDepthMax)
        #expect(reason(deepest) == nil)
        #expect(reason(deepest + "/a") == .tooDeep)
    }

    @Test("no bytes make it trap, and what it takes is UTF-8")
    func hostileBytes() {
        let seed: UInt64 = 4242
        var random = SplitMix64(seed: seed)
        for _ in 0..<20_000 {
            let bytes = [0x2F] + (0..<Int(random.next() % 6)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if fault(bytes) == nil {
                #expect(Array(String(decoding: bytes, as: UTF8.self).utf8) == bytes, "seed \(seed), \(bytes)")
            }
        }
    }
}
