/// Builds one frame of ZooKeeper's protocol. Deliberately not the encoder of the server under test: whoever measures
/// must not share the mistakes of what is measured.
struct FrameBuilder {
    private(set) var bytes: [UInt8] = [0, 0, 0, 0]

    /// A frame without a header: the first of a connection.
    init() {}

    init(operation: Int32, xid: Int32 = 0) {
        append(xid)
        append(operation)
    }

    mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// A length and the bytes: Jute's buffer, and its string.
    mutating func append(buffer: [UInt8]) {
        append(Int32(buffer.count))
        bytes.append(contentsOf: buffer)
    }

    /// One entry: anyone may do anything.
    mutating func appendOpenAccessList() {
        append(1 as Int32)
        append(31 as Int32)
        append(buffer: Array("world".utf8))
        append(buffer: Array("anyone".utf8))
    }

    /// The frame with its length in front.
    consuming func finished() -> [UInt8] {
        let length = UInt32(bytes.count - 4)
        for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index)) }
        return bytes
    }
}
