import Testing

@testable import CoreTypes

@Suite("Hash table")
struct HashTableTests {
    @Test("agrees with a dictionary over random insertions, changes and removals", arguments: [UInt64](1...8))
    func againstDictionary(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var table = HashTable<UInt64, Int>()
        var expected: [UInt64: Int] = [:]
        // Few hashes, so that runs of colliding elements form and are torn apart.
        func hash(_ key: UInt64) -> UInt64 { mixedBits(key) & 0x1F }
        for step in 0..<4_000 {
            let key = UInt64.random(in: 0..<48, using: &generator)
            if expected[key] == nil {
                table.insert(hash: hash(key), key: key, value: step)
                expected[key] = step
            } else if Bool.random(using: &generator) {
                #expect(table.remove(hash: hash(key), matches: { $0 == key }) == expected.removeValue(forKey: key))
            } else {
                #expect(table.update(hash: hash(key), matches: { $0 == key }) { $0 += 1 })
                expected[key, default: 0] += 1
            }
            #expect(table.count == expected.count)
            for (key, value) in expected {
                #expect(table.value(hash: hash(key), matches: { $0 == key }) == value, "seed \(seed) step \(step)")
            }
        }
        var visited = 0
        table.forEach { key, value in
            visited += 1
            #expect(expected[key] == value)
        }
        #expect(visited == expected.count)
    }

    @Test("what is not there is not found, changed or removed")
    func absent() {
        var table = HashTable<UInt64, Int>()
        #expect(table.isEmpty)
        #expect(table.value(hash: 1, matches: { $0 == 1 }) == nil)
        #expect(table.remove(hash: 1, matches: { $0 == 1 }) == nil)
        #expect(!table.update(hash: 1, matches: { $0 == 1 }) { _ in })
    }
}
