internal import CoreTypes

/// What all replicas of a cluster know and nobody else: they prove it to each other, and never send it.
package struct PeerSecret: Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    package let bytes: [UInt8]

    /// From what is in a file. The end of its last line is no part of it, because an editor adds it and another does not.
    ///
    /// - Returns: nil if it is shorter or longer than `Limits` allow.
    package init?(fileContent: [UInt8]) {
        var secret = fileContent
        if secret.last == UInt8(ascii: "\n") { secret.removeLast() }
        if secret.last == UInt8(ascii: "\r") { secret.removeLast() }
        guard (Limits.peerSecretByteCountMin...Limits.peerSecretByteCountMax).contains(secret.count) else { return nil }
        bytes = secret
    }

    /// Not the secret: it must not get into messages.
    package var description: String { "a secret of \(bytes.count) bytes" }

    package var debugDescription: String { description }
}
