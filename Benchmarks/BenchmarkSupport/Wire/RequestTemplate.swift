/// A request frame made beforehand, and where in it the numbers stand that differ from request to request.
///
/// Frames are ZooKeeper's: a length, the header (xid, operation) and the body, all integers big-endian.
struct RequestTemplate: Sendable {
    static let xidOffset = 4

    let operation: Operation
    let bytes: [UInt8]
    /// Where the five digits of the directory begin, or nil when the path has none.
    let directoryOffset: Int?
    /// Where the eight digits of the key begin.
    let keyOffset: Int
    /// Where the eight digits of the key begin again, at the start of the value; nil when there is no room for them.
    let valueOffset: Int?
    /// How long the whole reply frame is when the request succeeds.
    let replyByteCount: Int

    /// - Parameter value: what create and set write, and what get must return.
    init(_ operation: Operation, keySpace: KeySpace, value: [UInt8]) {
        let path = Array(keySpace.path(0).utf8)
        var frame = FrameBuilder(operation: operation.rawValue)
        frame.append(buffer: path)
        let pathStart = frame.bytes.count - path.count
        var valueStart: Int?
        switch operation {
        case .create:
            frame.append(buffer: value)
            valueStart = frame.bytes.count - value.count
            frame.appendOpenAccessList()
            frame.append(0 as Int32)
            replyByteCount = ReplyLayout.bodyOffset + 4 + path.count
        case .set:
            frame.append(buffer: value)
            valueStart = frame.bytes.count - value.count
            frame.append(-1 as Int32)
            replyByteCount = ReplyLayout.bodyOffset + ReplyLayout.statByteCount
        case .get:
            frame.append(0 as UInt8)
            replyByteCount = ReplyLayout.bodyOffset + 4 + value.count + ReplyLayout.statByteCount
        case .exists:
            frame.append(0 as UInt8)
            replyByteCount = ReplyLayout.bodyOffset + ReplyLayout.statByteCount
        case .delete:
            frame.append(-1 as Int32)
            replyByteCount = ReplyLayout.bodyOffset
        }
        self.operation = operation
        bytes = frame.finished()
        keyOffset = pathStart + path.count - 8
        directoryOffset = keySpace.hasDirectories ? keyOffset - 7 : nil
        valueOffset = value.count >= 8 ? valueStart : nil
    }

    /// Writes the request for one key; `target` must have room for all of `bytes`.
    @inline(__always)
    static func write(
        _ template: borrowing PreparedTemplate, xid: Int32, directory: UInt32, key: UInt32,
        to target: UnsafeMutableRawPointer
    ) {
        target.copyMemory(from: template.start, byteCount: template.byteCount)
        target.storeBytes(of: xid.bigEndian, toByteOffset: xidOffset, as: Int32.self)
        let digits = DecimalDigits.eight(key)
        target.storeBytes(of: digits.littleEndian, toByteOffset: template.keyOffset, as: UInt64.self)
        if template.directoryOffset >= 0 {
            DecimalDigits.storeFive(directory, to: target + template.directoryOffset)
        }
        if template.valueOffset >= 0 {
            target.storeBytes(of: digits.littleEndian, toByteOffset: template.valueOffset, as: UInt64.self)
        }
    }
}

/// A template in plain memory, so that the loop that sends requests counts no references.
struct PreparedTemplate {
    let start: UnsafeMutableRawPointer
    let byteCount: Int
    let keyOffset: Int
    /// -1 when there is none.
    let directoryOffset: Int
    /// -1 when there is none.
    let valueOffset: Int
    let replyByteCount: Int

    init(_ template: RequestTemplate) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, template.bytes.count), alignment: 16)
        copy.copyBytes(from: template.bytes)
        start = copy.baseAddress ?? UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 16)
        byteCount = template.bytes.count
        keyOffset = template.keyOffset
        directoryOffset = template.directoryOffset ?? -1
        valueOffset = template.valueOffset ?? -1
        replyByteCount = template.replyByteCount
    }

    func deallocate() { start.deallocate() }
}
