import CoreTypes
import Testing
import ZnodeTree

@testable import ZooKeeperServer

@Suite("proving identities")
struct AuthenticatorTests {
    private func prove(
        _ scheme: String, _ credentials: String, superDigest: String? = nil
    ) -> (isProven: Bool, ids: [String]) {
        var identities = ClientIdentities(address: [127, 0, 0, 1])
        let isProven = Authenticator(superDigest: superDigest).prove(
            scheme: Array(scheme.utf8), credentials: Array(credentials.utf8), to: &identities)
        let ids = identities.proven.map {
            String(decoding: $0.scheme, as: UTF8.self) + "|" + String(decoding: $0.id, as: UTF8.self)
        }
        return (isProven, ids)
    }

    @Test("a digest is ZooKeeper's")
    func digest() {
        #expect(prove("digest", "bob:pw") == (true, ["digest|bob:ikIaKsbtGweaHnb/jKn7OHqbunM="]))
    }

    @Test("credentials without a colon are their own user; colons of the password are the password's")
    func colons() {
        #expect(prove("digest", "bob").ids[0].hasPrefix("digest|bob:"))
        #expect(prove("digest", "a:b:c").ids[0].hasPrefix("digest|a:"))
        #expect(prove("digest", "a:b:c").ids != prove("digest", "a:b").ids)
    }

    @Test("the super user is whoever has its digest")
    func superUser() {
        let digest = "super:D/InIHSb7yEEbrWz8b9l71RjZJU="
        #expect(prove("digest", "super:admin", superDigest: "super:xQJmxLMiHGwaqBvst5y6rkB6HQs=").ids.first == "super|")
        #expect(prove("digest", "super:wrong", superDigest: digest).ids.allSatisfy { !$0.hasPrefix("super") })
        #expect(prove("digest", "super:admin").ids.count == 1)
    }

    @Test("other schemes are not known", arguments: ["world", "auth", "super", "sasl", "x509", "", "DIGEST"])
    func schemes(name: String) { #expect(!prove(name, "anything").isProven) }

    @Test("an address proves itself")
    func address() { #expect(prove("ip", "").isProven) }

    @Test("an identity counts once, and there is a limit to them")
    func limits() {
        var identities = ClientIdentities(address: [])
        let authenticator = Authenticator(superDigest: nil)
        func prove(_ text: String) -> Bool {
            authenticator.prove(scheme: Array("digest".utf8), credentials: Array(text.utf8), to: &identities)
        }
        for index in 0..<Identities.countMax {
            #expect(prove("user\(index):x"))
            #expect(prove("user\(index):x"))
        }
        #expect(identities.proven.count == Identities.countMax)
        #expect(!prove("one:more"))
    }

    @Test(
        "SHA-1, with the vectors of its standard and the lengths around a block",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ),
            (String(repeating: "a", count: 55), "c1c8bbdc22796e28c0e15163d20899b65621d65a"),
            (String(repeating: "a", count: 64), "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
        ])
    func sha1(text: String, expected: String) {
        let digits = SHA1.hash(Array(text.utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        #expect(digits.joined() == expected)
    }

    @Test(
        "base64",
        arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
    func base64(text: String, expected: String) {
        #expect(String(decoding: Base64.encode(text.utf8), as: UTF8.self) == expected)
    }
}
