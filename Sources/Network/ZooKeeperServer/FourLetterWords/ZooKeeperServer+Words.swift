import CoreTypes
import ReplicaEngine
import ZooKeeperWire

/// The four-letter words, in ZooKeeper's formats.
extension ZooKeeperServer {
    /// What stands where ZooKeeper prints its own version: clients parse the number to know what they may ask for, so it
    /// is that of the ZooKeeper whose protocol is served, with this server's name behind it.
    static let versionLine = "3.9.4-aviary, built on 2025-08-19 19:53 UTC"

    func answer(to word: FourLetterWord) -> String {
        guard configuration.fourLetterWords.contains(word) else { return FourLetterWord.refusal(of: word.rawValue) }
        if word.needsReplica && stopReason != nil { return FourLetterWord.notServing }
        switch word {
        case .ruok: return "imok"
        case .srvr: return "Zookeeper version: \(Self.versionLine)\n" + serverStatistics()
        case .stat: return stat()
        case .mntr: return monitor()
        case .conf: return configurationText()
        case .cons: return connections.all.map { $0.longDescription(now: now) + "\n" }.joined() + "\n"
        case .envi: return environmentText()
        case .isro: return "rw"
        case .dirs:
            let replica = replicaSummary()
            return "datadir_size: \(replica.storeByteCount)\nlogdir_size: \(replica.logByteCount)\n"
        case .wchs:
            let replica = replicaSummary()
            return "\(replica.watchingConnectionCount) connections watching \(replica.watchedPathCount) paths\n"
                + "Total watches:\(replica.watchCount)\n"
        case .crst:
            resetConnectionStatistics()
            return "Connection stats reset.\n"
        case .srst:
            resetStatistics()
            return "Server stats reset.\n"
        }
    }

    private func serverStatistics() -> String {
        let replica = replicaSummary()
        let latency = statistics.latency
        return """
            Latency min/avg/max: \(latency.minMilliseconds)/\(latency.meanMilliseconds)/\(latency.maxMilliseconds)
            Received: \(statistics.received)
            Sent: \(statistics.sent)
            Connections: \(connections.count)
            Outstanding: \(outstandingCount)
            Zxid: \(hexadecimal(replica.zxid))
            Mode: \(engine.mode.rawValue)
            Node count: \(replica.znodeCount)

            """
    }

    private func stat() -> String {
        "Zookeeper version: \(Self.versionLine)\nClients:\n"
            + connections.all.map { " \($0.shortDescription)\n" }.joined() + "\n" + serverStatistics()
    }

    private func configurationText() -> String {
        """
        clientPort=\(configuration.clientPort)
        secureClientPort=-1
        dataDir=\(configuration.dataDirectory)
        dataLogDir=\(configuration.logDirectory)
        tickTime=\(configuration.tickTimeMilliseconds)
        maxClientCnxns=\(configuration.connectionsPerAddressMax)
        minSessionTimeout=\(timeoutBounds.lowerBound)
        maxSessionTimeout=\(timeoutBounds.upperBound)
        clientPortListenBacklog=\(configuration.listenBacklog)
        clientPortAddress=\(configuration.clientAddress)
        jute.maxbuffer=\(configuration.frameByteCountMax)
        serverId=0

        """
    }

    private func environmentText() -> String {
        let pairs = [("zookeeper.version", Self.versionLine)] + configuration.environment.map { ($0.key, $0.value) }
        return "Environment:\n" + pairs.map { "\($0.0)=\($0.1)\n" }.joined()
    }
}
