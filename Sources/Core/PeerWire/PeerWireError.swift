/// Why the bytes of a peer are no message. Whoever sent them is not to be listened to any longer.
package struct PeerWireError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Reason: Equatable, Sendable {
        /// The message ends before its fields do.
        case tooShort
        case unknownKind(UInt8)
        /// A field that says yes or no, or what follows, holds neither.
        case badFlag(UInt8)
        case unknownValueKind(UInt8)
        /// A range of slots that ends before it begins.
        case slotOrder
        /// A list, a value or a run of commands beyond its limit, or longer than the bytes that are there.
        case countTooLarge(UInt64)
        /// A no-op that has bytes.
        case noOpWithBytes
        /// Bytes after the fields other than the message calls for.
        case payloadByteCount(expected: Int, actual: Int)
        /// What a user of the message finds wrong with its payload.
        case badPayload
    }

    package var reason: Reason
    /// Bytes from the start of the message.
    package var offset: Int

    package init(_ reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String {
        let what =
            switch reason {
            case .tooShort: "the message ends before its fields do"
            case .unknownKind(let kind): "messages of kind \(kind) are not known here"
            case .badFlag(let value): "a flag is \(value)"
            case .unknownValueKind(let kind): "values of kind \(kind) are not known here"
            case .slotOrder: "a range of slots ends before it begins"
            case .countTooLarge(let count): "a count of \(count) is too large"
            case .noOpWithBytes: "a no-op has bytes"
            case .payloadByteCount(let expected, let actual): "the payload has \(actual) bytes instead of \(expected)"
            case .badPayload: "the payload is malformed"
            }
        return "\(what) (offset \(offset))"
    }
}
