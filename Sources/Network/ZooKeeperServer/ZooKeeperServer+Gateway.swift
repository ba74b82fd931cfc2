package import CoreTypes
import Logging
import NIOCore
import ReplicaEngine
package import ZnodeTree
import ZooKeeperWire

/// What the engine says, on the server's loop.
extension ZooKeeperServer: ClientGateway {
    package func commandApplied(_ result: CommandResult, body: RawSpan) {
        // Opening and attaching have no sequence; their answer is a session event.
        guard result.sequence > 0 else { return }
        outstandingCount -= 1
        connection(of: result.attachment)?.applied(result, body: body)
    }

    package func sessionEvent(_ event: SessionEvent) {
        connection(of: event.attachment)?.sessionEvent(event)
    }

    package func watchFired(_ event: TreeEvent, path: RawSpan, watchers: [AttachmentID]) {
        for watcher in watchers {
            guard let connection = connection(of: watcher) else { continue }
            // Whoever may not read the znode is not told of it (CVE-2024-23944 of ZooKeeper).
            guard (try? connection.mayRead(path)) ?? false else { continue }
            connection.tell(event.type, path: path, zxid: event.zxid.wireValue)
        }
    }

    package func barrierReached(_ attachment: AttachmentID, token: UInt64) {
        connection(of: attachment)?.reached(token: token)
    }

    package func congestionChanged(_ isCongested: Bool) {
        isEngineCongested = isCongested
        noteCongestion()
    }

    package func servingChanged(_ isServing: Bool) {
        guard !isServing else { return logger.notice("a snapshot of another replica is installed; clients are served") }
        logger.notice("this replica is too far behind the others' logs; it takes a snapshot of one of them")
        cutOffAll("the replica takes a snapshot of another one")
    }

    package func batchEnded() {
        noteCongestion()
        writeOutput()
    }

    package func engineStopped(_ reason: String) {
        guard stopReason == nil else { return }
        stopReason = reason
        logger.critical("the replica stopped and serves no more", metadata: ["reason": "\(reason)"])
        cutOffAll("the replica stopped")
        endWait(reason)
    }
}
