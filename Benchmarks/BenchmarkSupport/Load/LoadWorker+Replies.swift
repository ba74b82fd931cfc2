import Glibc

extension LoadWorker {
    /// How often the whole content of a reply is compared; its length, order and error are looked at always.
    private static let sampleMask: UInt32 = 63

    /// Checks one reply and counts its latency.
    @inline(__always)
    mutating func accept(
        _ frame: UnsafeMutableRawPointer, _ byteCount: Int, _ connection: UnsafeMutablePointer<LoadConnection>,
        _ now: UInt64
    ) throws {
        let xid = connection.pointee.oldestXid
        let request = connection.pointee.ring[Int(xid & connection.pointee.ringMask)]
        guard connection.pointee.inFlightCount > 0,
            ReplyLayout.int32(frame, ReplyLayout.xidOffset) == Int32(bitPattern: xid)
        else { throw outOfOrder(frame, connection) }
        connection.pointee.oldestXid = xid &+ 1
        let zxid = ReplyLayout.int64(frame, ReplyLayout.zxidOffset)
        let error = ReplyLayout.int32(frame, ReplyLayout.errorOffset)
        if error != 0 {
            guard error == ErrorNumber.nodeExists && plan.toleratesExisting else {
                throw wrong(frame, request, connection, "has error \(error)")
            }
            result.existingCount += 1
        } else if byteCount != templates[request.template].replyByteCount {
            throw wrong(
                frame, request, connection,
                "has \(byteCount) bytes instead of \(templates[request.template].replyByteCount)")
        } else if plan.checksContent {
            try checkContent(frame, byteCount, request, connection, isSample: xid & Self.sampleMask == 0)
        }
        guard zxid >= connection.pointee.lastZxid else {
            throw wrong(
                frame, request, connection, "has zxid \(zxid) after \(connection.pointee.lastZxid): time went back")
        }
        connection.pointee.lastZxid = zxid
        let latency = now &- request.sentAt
        if isRead(request.template) { result.reads.record(latency) } else { result.writes.record(latency) }
    }

    @inline(__always)
    private func isRead(_ template: Int) -> Bool {
        if plan.isUniform { return template == 0 }
        return !plan.passOperation.isWrite
    }

    private var operationNames: [Operation] { plan.isUniform ? [.get, .set] : [plan.passOperation] }

    /// What must hold beyond order, length and error: the zxid of a set stands in its Stat, a get returns the bytes
    /// that belong to its key, a create names its path.
    @inline(__always)
    private mutating func checkContent(
        _ frame: UnsafeMutableRawPointer, _ byteCount: Int, _ request: RequestInFlight,
        _ connection: UnsafeMutablePointer<LoadConnection>, isSample: Bool
    ) throws {
        let operation = plan.isUniform ? (request.template == 0 ? Operation.get : .set) : plan.passOperation
        let body = UnsafeRawPointer(frame + ReplyLayout.bodyOffset)
        switch operation {
        case .set:
            let zxid = ReplyLayout.int64(frame, ReplyLayout.zxidOffset)
            guard ReplyLayout.int64(body, ReplyLayout.statModifiedZxid) == zxid,
                Int(ReplyLayout.int32(body, ReplyLayout.statDataLength)) == value.count
            else { throw wrong(frame, request, connection, "has a Stat that does not show this set") }
            if let versions { note(ReplyLayout.int32(body, ReplyLayout.statVersion), request.key, versions) }
        case .get:
            guard Int(ReplyLayout.int32(body, 0)) == value.count else {
                throw wrong(frame, request, connection, "has a value of the wrong length")
            }
            if value.count >= 8 {
                let digits = (body + 4).loadUnaligned(as: UInt64.self)
                guard UInt64(littleEndian: digits) == DecimalDigits.eight(request.key) else {
                    throw wrong(frame, request, connection, "has the value of another key")
                }
            }
            if isSample { try compareValue(frame, request, connection) }
        case .exists:
            if let versions { note(ReplyLayout.int32(body, ReplyLayout.statVersion), request.key, versions) }
        case .create:
            if isSample { try comparePath(frame, byteCount, request, connection) }
        case .delete: break
        }
    }

    @inline(__always)
    private func note(_ version: Int32, _ key: UInt32, _ versions: UnsafeMutablePointer<Int32>) {
        if version > versions[Int(key)] { versions[Int(key)] = version }
    }

    @inline(never)
    private mutating func compareValue(
        _ frame: UnsafeMutableRawPointer, _ request: RequestInFlight, _ connection: UnsafeMutablePointer<LoadConnection>
    ) throws {
        result.sampledCount += 1
        guard value.count > 8 else { return }
        let start = frame + ReplyLayout.bodyOffset + 4
        let isEqual = value.withUnsafeBytes { expected in
            expected.baseAddress.map { memcmp(start + 8, $0 + 8, value.count - 8) == 0 } ?? true
        }
        if !isEqual { throw wrong(frame, request, connection, "has other bytes than were written") }
    }

    @inline(never)
    private mutating func comparePath(
        _ frame: UnsafeMutableRawPointer, _ byteCount: Int, _ request: RequestInFlight,
        _ connection: UnsafeMutablePointer<LoadConnection>
    ) throws {
        result.sampledCount += 1
        let body = UnsafeRawBufferPointer(start: frame, count: byteCount)[(ReplyLayout.bodyOffset + 4)...]
        guard Array(body) == Array(path(of: request).utf8) else {
            throw wrong(frame, request, connection, "names another path")
        }
    }

    private func path(of request: RequestInFlight) -> String {
        plan.keySpace.path(Int(request.key), directory: Int(request.directory))
    }

    @inline(never)
    private func wrong(
        _ frame: UnsafeMutableRawPointer, _ request: RequestInFlight,
        _ connection: UnsafeMutablePointer<LoadConnection>, _ what: String
    ) -> BenchmarkError {
        let xid = ReplyLayout.int32(frame, ReplyLayout.xidOffset)
        return BenchmarkError(
            "wrong reply: connection \(connection.pointee.index), xid \(xid), \(operationNames[request.template])"
                + " \(path(of: request)): the reply \(what)")
    }

    @inline(never)
    private func outOfOrder(
        _ frame: UnsafeMutableRawPointer, _ connection: UnsafeMutablePointer<LoadConnection>
    ) -> BenchmarkError {
        let got = ReplyLayout.int32(frame, ReplyLayout.xidOffset)
        return BenchmarkError(
            "wrong reply: connection \(connection.pointee.index) expects xid \(connection.pointee.oldestXid) of"
                + " \(connection.pointee.inFlightCount) in flight, and got \(got)")
    }
}
