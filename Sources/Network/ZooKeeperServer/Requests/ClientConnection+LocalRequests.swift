import CoreTypes
import Jute
import NIOCore
import ReplicaEngine
import ZooKeeperWire

/// Requests that are answered from what this replica holds.
extension ClientConnection {
    func execute(_ operation: OpCode, xid: Int32, body: RawSpan, receivedAt: Int64) {
        let scratch = server.scratch
        scratch.removeAll()
        scratch.append(zeros: 168)
        reply(operation, xid: xid, zxid: server.appliedZxid, body: scratch.bytes, receivedAt: receivedAt)
    }
}
