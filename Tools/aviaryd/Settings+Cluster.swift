import CoreTypes
import Glibc
import ReplicaEngine
import ZooKeeperServer

/// The cluster, from file, command line, `myid` and the secret's file.
extension Settings {
    /// Reads and checks it; the client port may be that of this server's own entry.
    mutating func readCluster(
        _ options: ClusterOptions, clients: ClientOptions, file: ConfigurationFile?
    ) throws(StartFailure) {
        var sources = ClusterSources()
        sources.servers = try servers(options, file)
        sources.replicaOption = options.replica
        if sources.isCluster {
            sources.myidPath = "\(dataDirectory)/myid"
            sources.myid = try myid(sources.myidPath)
            sources.secret = try secret(options, file)
        }
        do throws(ConfigurationError) {
            cluster = try ClusterSettings.make(from: sources, warnings: &warnings)
        } catch {
            let isUsage = error.problems.allSatisfy { $0.file.hasPrefix("--") }
            throw StartFailure(isUsage ? .usage : .configuration, error.description)
        }
        if options.initialize, cluster == nil {
            throw StartFailure(.usage, "--initialize founds a cluster, and the configuration names no servers")
        }
        cluster?.isInitializing = options.initialize
        if let cluster { engine.replica = cluster.ownReplica }
        if let own = sources.ownEntry(in: cluster) { try takeClientPlace(own, clients, file) }
        if let clash = cluster?.clash(withClientsAt: server.clientAddress, port: server.clientPort) {
            throw StartFailure(.configuration, clash)
        }
    }

    private mutating func servers(
        _ options: ClusterOptions, _ file: ConfigurationFile?
    ) throws(StartFailure) -> [ServerEntry] {
        let inFile = file?.servers ?? []
        guard !options.servers.isEmpty else { return inFile }
        if let first = inFile.first {
            warnings.append(
                ConfigurationNote(
                    file: first.file, line: first.line,
                    text: "the servers of the command line count, and not those here"))
        }
        var servers: [ServerEntry] = []
        for option in options.servers {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            do throws(ServerEntryFlaw) {
                let (number, value) = (String(parts[0]), parts.count == 2 ? String(parts[1]) : "")
                servers.append(try ServerEntry(number: number, value: value, file: "--server", line: 0))
            } catch {
                throw StartFailure(.usage, "--server \(option): \(error.text)")
            }
        }
        return servers
    }

    private func myid(_ path: String) throws(StartFailure) -> String? {
        guard access(path, F_OK) == 0 else { return nil }
        do throws(TextFileError) {
            return try TextFile.read(path)
        } catch {
            throw StartFailure(.configuration, "\(path): the file cannot be read: \(error.reason)")
        }
    }

    private func secret(_ options: ClusterOptions, _ file: ConfigurationFile?) throws(StartFailure) -> PeerSecret? {
        guard let path = options.peerSecretFile ?? file?.peerSecretFile else { return nil }
        let bytes: [UInt8]
        do throws(TextFileError) {
            // One byte for each of the two that may end a line.
            bytes = try PrivateFile.read(path, byteCountMax: Limits.peerSecretByteCountMax + 2)
        } catch {
            throw StartFailure(.configuration, "\(path): the secret of the servers cannot be used: \(error.reason)")
        }
        guard let secret = PeerSecret(fileContent: bytes) else {
            throw StartFailure(
                .configuration,
                "\(path): the secret of the servers has \(bytes.count) bytes: write \(Limits.peerSecretByteCountMin) to "
                    + "\(Limits.peerSecretByteCountMax) random ones, for example with openssl rand -hex 32")
        }
        return secret
    }

    private mutating func takeClientPlace(
        _ own: ServerEntry, _ clients: ClientOptions, _ file: ConfigurationFile?
    ) throws(StartFailure) {
        if let conflict = file?.conflict(with: own) { throw StartFailure(.configuration, conflict.description) }
        if clients.clientPort == nil, let port = own.clientPort { server.clientPort = port }
        if clients.clientAddress == nil, let address = own.clientAddress { server.clientAddress = address }
    }
}
