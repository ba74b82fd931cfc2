import CoreTypes
import NIOCore
import ZooKeeperWire

/// How `stat` and `cons` describe a connection.
extension ClientConnection {
    /// `/address:port[interest](queued=,recved=,sent=)`
    var shortDescription: String {
        // 1: it is read from; 0: it is held back.
        "/\(endpoint)[\(isReadHeld ? 0 : 1)](queued=\(machine.outstandingCount),recved=\(statistics.received),"
            + "sent=\(statistics.sent))"
    }

    func longDescription(now: Int64) -> String {
        let short = " \(shortDescription)"
        guard machine.session != .none else { return short }
        let latency = statistics.latency
        var fields = [
            "sid=\(hexadecimal(machine.session))", "lop=\(statistics.lastOperation?.shortName ?? "NA")",
            "est=\(connectedMilliseconds(now: now))", "to=\(machine.timeoutMilliseconds)",
        ]
        if statistics.lastOperation != nil {
            fields += [
                "lcxid=\(hexadecimal(UInt64(bitPattern: Int64(statistics.lastXid))))",
                "lzxid=\(hexadecimal(UInt64(bitPattern: statistics.lastZxid)))",
                "lresp=\(statistics.lastReplyAt / 1_000_000)",
                "llat=\(statistics.lastLatencyNanoseconds / 1_000_000)",
                "minlat=\(latency.minMilliseconds)", "avglat=\(latency.meanMilliseconds)",
                "maxlat=\(latency.maxMilliseconds)",
            ]
        }
        return short.dropLast() + "," + fields.joined(separator: ",") + ")"
    }

    private func connectedMilliseconds(now: Int64) -> Int64 {
        (now - connectDeadline) / 1_000_000 + Int64(server.configuration.connectTimeoutMilliseconds)
    }
}

extension OpCode {
    /// As ZooKeeper's `Request.op2String` names it.
    fileprivate var shortName: String {
        switch self {
        case .create: "CREA"
        case .delete: "DELE"
        case .exists: "EXIS"
        case .getData: "GETD"
        case .setData: "SETD"
        case .getACL: "GETA"
        case .setACL: "SETA"
        case .getChildren: "GETC"
        case .getChildren2: "GETC"
        case .sync: "SYNC"
        case .ping: "PING"
        case .multi: "MULT"
        case .multiRead: "MULTR"
        case .create2: "CREA"
        case .createContainer: "CREC"
        case .createTTL: "CRTT"
        case .closeSession: "CLOS"
        case .setWatches: "SETW"
        case .setWatches2: "SETW"
        case .auth: "AUTH"
        default: "OP\(rawValue)"
        }
    }
}
