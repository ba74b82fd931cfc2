import CoreTypes
import Testing

@testable import Checksums

@Suite("Checksums")
struct ChecksumsTests {
    // The macros cannot expand over spans, which cannot escape: these take arrays.
    private func checksum(_ bytes: [UInt8], continuing checksum: UInt32 = 0) -> UInt32 {
        crc32c(bytes.span.bytes, continuing: checksum)
    }

    private func tableChecksum(_ bytes: [UInt8]) -> UInt32 { crc32cFromTable(bytes.span.bytes) }

    private func hash(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 { hash64(bytes.span.bytes, seed: seed) }

    private func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }

    @Test("CRC-32C gives the published check value")
    func publishedValues() {
        #expect(checksum(Array("123456789".utf8)) == 0xE306_9283)
        // RFC 3720, appendix B.4.
        #expect(checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(checksum((0..<32).map { UInt8($0) }) == 0x46DD_794E)
        #expect(checksum([UInt8]()) == 0)
    }

    @Test("the processor's instruction agrees with the table on every length up to 1024")
    func instructionAgreesWithTable() {
        let all = bytes(1_024, seed: 1)
        for count in 0...1_024 {
            let part = Array(all[0..<count])
            #expect(checksum(part) == tableChecksum(part), "length \(count)")
        }
    }

    @Test("a checksum can be continued at any cut")
    func continued() {
        let all = bytes(257, seed: 2)
        let whole = checksum(all)
        for cut in 0...all.count {
            let head = Array(all[..<cut])
            let tail = Array(all[cut...])
            #expect(checksum(tail, continuing: checksum(head)) == whole)
        }
    }

    @Test("the 64-bit hash never changes: it is on disk")
    func hashIsStable() {
        #expect(hash([UInt8]()) == 0x218D_9FC9_8860_1689)
        #expect(hash(Array("aviary".utf8)) == 0x4BC4_0C12_5AF2_A207)
        #expect(hash((0..<100).map { UInt8($0) }, seed: 7) == 0x5230_EFE5_A45C_F66E)
        // Every count of bytes behind the last whole word, at several alignments.
        let bytes = (0..<80).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
        let chain = (0...64).reduce(UInt64(0)) { seed, count in
            hash64(bytes.span.bytes.extracting((count % 7)..<(count % 7 + count)), seed: seed)
        }
        #expect(chain == 0x02D3_1A91_AF8D_A445)
    }

    @Test("flipping any one bit changes the 64-bit hash, and so does a zero at the end")
    func hashNoticesEveryBit() {
        var all = bytes(100, seed: 3)
        let whole = hash(all)
        for bit in 0..<(all.count * 8) {
            all[bit / 8] ^= 1 << (bit % 8)
            #expect(hash(all) != whole, "bit \(bit)")
            all[bit / 8] ^= 1 << (bit % 8)
        }
        #expect(hash((all + [0])) != whole)
        #expect(hash(all, seed: 1) != whole)
    }
}
