import Crypto

/// What shows that its sender knows the secret and saw exactly these two greetings in this connection: HMAC-SHA256,
/// keyed with the secret, over the sender's side and both greetings, the dialler's first.
///
/// Without a secret the key is empty: then the proof shows only that both saw the same greetings.
///
/// ```
/// 0   1
/// +---+---------------
/// | 2 | HMAC, 32 bytes
/// +---+---------------
/// ```
enum Proof {
    static let kind: UInt8 = 2
    static let byteCount = 33

    enum Side {
        case dialler
        case acceptor

        /// No label is the beginning of the other, so that neither side's proof passes for the other's.
        var label: [UInt8] {
            switch self {
            case .dialler: Array("aviary peers 1, dialler\n".utf8)
            case .acceptor: Array("aviary peers 1, acceptor\n".utf8)
            }
        }

        var opposite: Side { self == .dialler ? .acceptor : .dialler }
    }

    static func code(of side: Side, greetings: [UInt8], secret: [UInt8]?) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: side.label + greetings, using: SymmetricKey(data: secret ?? [])))
    }

    /// Takes as long wherever the code is wrong.
    static func isValid(_ code: [UInt8], of side: Side, greetings: [UInt8], secret: [UInt8]?) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            code, authenticating: side.label + greetings, using: SymmetricKey(data: secret ?? []))
    }
}
