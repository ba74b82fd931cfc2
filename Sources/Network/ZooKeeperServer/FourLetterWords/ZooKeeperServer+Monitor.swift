import CoreTypes
import ReplicaEngine

/// `mntr`: one `zk_key<tab>value` a line.
extension ZooKeeperServer {
    func monitor() -> String {
        let replica = replicaSummary()
        var pairs: [(key: String, value: String)] = [
            ("version", Self.versionLine),
            ("server_state", engine.mode.rawValue),
            ("avg_latency", statistics.latency.meanMilliseconds),
            ("min_latency", "\(statistics.latency.minMilliseconds)"),
            ("max_latency", "\(statistics.latency.maxMilliseconds)"),
            ("packets_received", "\(statistics.received)"),
            ("packets_sent", "\(statistics.sent)"),
            ("num_alive_connections", "\(connections.count)"),
            ("outstanding_requests", "\(outstandingCount)"),
            ("znode_count", "\(replica.znodeCount)"),
            ("watch_count", "\(replica.watchCount)"),
            ("ephemerals_count", "\(replica.ephemeralCount)"),
            ("approximate_data_size", "\(replica.dataByteCount)"),
            ("global_sessions", "\(replica.sessionCount)"),
            ("uptime", "\((now - startedAt) / 1_000_000)"),
            ("bytes_received_count", "\(statistics.receivedByteCount)"),
            ("response_bytes", "\(statistics.sentByteCount)"),
            ("connection_request_count", "\(statistics.connectRequests)"),
            ("connection_rejected", "\(statistics.rejectedConnections)"),
            ("connection_drop_count", "\(statistics.droppedConnections)"),
            ("auth_failed_count", "\(statistics.failedAuthentications)"),
            ("watch_events_sent_count", "\(statistics.events)"),
            ("data_dir_size", "\(replica.storeByteCount)"),
            ("log_dir_size", "\(replica.logByteCount)"),
        ]
        pairs += summary("readlatency", statistics.readLatency)
        pairs += summary("updatelatency", statistics.writeLatency)
        pairs += replica.more
        return pairs.map { "zk_\($0.key)\t\($0.value)\n" }.joined()
    }

    /// The five lines of one of ZooKeeper's summaries.
    private func summary(_ name: String, _ latency: LatencySummary) -> [(key: String, value: String)] {
        [
            ("avg_\(name)", latency.meanMilliseconds),
            ("min_\(name)", "\(latency.minMilliseconds)"),
            ("max_\(name)", "\(latency.maxMilliseconds)"),
            ("cnt_\(name)", "\(latency.count)"),
            ("sum_\(name)", "\(latency.sumMilliseconds)"),
        ]
    }
}
