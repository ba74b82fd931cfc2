import CoreTypes
import Testing
import ZooKeeperWire

@testable import ZnodeTree

@Suite("Keys of znodes")
struct ZnodeKeyTests {
    private func keyName(_ name: [UInt8]) -> [UInt8] {
        bytes { ZnodeKey.appendKeyName(of: name.span.bytes, to: $0) }
    }

    @Test("siblings are one range, and sort by name")
    func order() {
        let names = ["", "a", "a0", "aa", "b", String(repeating: "z", count: 503), "é"]
        var keys: [[UInt8]] = []
        for parent in [1, 2, 255, 256, UInt64.max] {
            for name in names {
                let whole = WholeZnode(node: .empty, name: Array(name.utf8), parent: NodeID(rawValue: parent))
                keys.append(whole.key)
                #expect(parentOfKey(whole.key) == NodeID(rawValue: parent))
            }
        }
        for (left, right) in zip(keys, keys.dropFirst()) { #expect(left.lexicographicallyPrecedes(right)) }
    }

    @Test("a name of 503 bytes stands in the key, one of 504 takes the hashed form, and both keys end at 511 bytes")
    func longNames() {
        let inline = [UInt8](repeating: UInt8(ascii: "n"), count: 503)
        #expect(keyName(inline) == inline)
        #expect(!isHashedForm(inline))
        for count in [504, 505, 1_000, 65_000] {
            let long = [UInt8](repeating: UInt8(ascii: "n"), count: count)
            let form = keyName(long)
            #expect(form.count == 503 && form[..<486] == long[..<486] && form[486] == UInt8(ascii: "/"))
            #expect(isHashedForm(form))
            #expect(WholeZnode(node: .empty, name: long).key.count == ZnodeKey.byteCountMax)
        }
        #expect(ZnodeKey.byteCountMax == 511)
    }

    @Test("long names that differ anywhere have different keys")
    func hashedForms() {
        let base = [UInt8](repeating: UInt8(ascii: "n"), count: 700)
        var forms = [keyName(base)]
        for index in stride(from: 0, to: 700, by: 13) {
            var other = base
            other[index] = UInt8(ascii: "m")
            forms.append(keyName(other))
        }
        forms.sort { $0.lexicographicallyPrecedes($1) }
        for (left, right) in zip(forms, forms.dropFirst()) { #expect(left != right) }
    }

    @Test("what is no key has no parent")
    func noKeys() {
        for count in [0, 7, 512] {
            #expect(parentOfKey([UInt8](repeating: 1, count: count)) == nil)
        }
        #expect(parentOfKey([UInt8](repeating: 0, count: 8)) == NodeID.none)
    }
}
