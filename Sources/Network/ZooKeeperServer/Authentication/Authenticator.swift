/// Turns an auth packet into the identities that it proves.
///
/// Schemes: `digest`, whose credentials are `user:password` and whose identity is `user:base64(sha1("user:password"))`
/// as in ZooKeeper's `DigestAuthenticationProvider` (a packet without a colon is its own user, as there), and `ip`,
/// which proves the address that the connection has anyway. SHA-1 is what the access lists of existing trees hold; it is
/// a name for a secret here, not a defence against whoever can read the lists.
struct Authenticator {
    /// `user:digest` of who may do everything.
    private let superDigest: [UInt8]?

    init(superDigest: String?) { self.superDigest = superDigest.map { Array($0.utf8) } }

    /// - Returns: false if the scheme is not known or the identity was not proven; the connection is then closed.
    func prove(scheme: [UInt8], credentials: [UInt8], to identities: inout ClientIdentities) -> Bool {
        switch scheme {
        case Authenticator.digest:
            let id = Authenticator.digestIdentity(of: credentials)
            if id == superDigest {
                guard identities.add(ClientIdentities.Identity(scheme: Authenticator.superScheme, id: [])) else {
                    return false
                }
            }
            return identities.add(ClientIdentities.Identity(scheme: scheme, id: id))
        case Authenticator.address:
            return true
        default:
            return false
        }
    }

    /// `user:base64(sha1(credentials))`.
    static func digestIdentity(of credentials: [UInt8]) -> [UInt8] {
        let colon = UInt8(ascii: ":")
        let user = credentials.prefix { $0 != colon }
        return Array(user) + [colon] + Base64.encode(SHA1.hash(credentials))
    }

    private static let digest = Array("digest".utf8)
    private static let address = Array("ip".utf8)
    private static let superScheme = Array("super".utf8)
}
