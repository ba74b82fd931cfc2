import DurableLog
import NIOCore
import ReplicaEngine
import ZooKeeperServer

/// What the process is to do: configuration file and command line together, checked, before anything is touched.
struct Settings {
    var dataDirectory: String
    var server: ServerConfiguration
    var engine: EngineOptions
    var isUnsafe: Bool
    /// Nil for a server that stands alone.
    var cluster: ClusterSettings?
    var warnings: [ConfigurationNote] = []

    init(
        place: PlaceOptions, clients: ClientOptions, cluster options: ClusterOptions, isUnsafe: Bool
    ) throws(StartFailure) {
        var file: ConfigurationFile?
        if let path = place.config { file = try Settings.read(path) }
        guard let directory = place.dataDir ?? file?.dataDirectory else {
            if let path = place.config {
                throw StartFailure(
                    .configuration, "\(path): dataDir is missing; add dataDir=/var/lib/aviary, or give --data-dir")
            }
            throw StartFailure(.usage, "no directory: give --data-dir PATH, or --config zoo.cfg; see --help")
        }
        dataDirectory = directory
        server = file?.server ?? ServerConfiguration()
        engine = EngineOptions()
        self.isUnsafe = isUnsafe
        warnings = file?.warnings ?? []
        try Settings.apply(clients, to: &server)
        try readCluster(options, clients: clients, file: file)
        try check(place: place, clients: clients, file: file)
        engine.logDirectory = place.logDir ?? file?.logDirectory
        if let count = file?.snapshotCountKept { engine.snapshotCountKept = count }
        if let megabytes = file?.peerLogMegabytes { engine.logByteCountForPeers = megabytes * 1_048_576 }
        if let megabytes = file?.snapshotMegabytes { engine.logByteCountPerSnapshot = megabytes * 1_048_576 }
        if let count = file?.commandsPerCheckpointMax { engine.commandsPerCheckpointMax = count }
        if isUnsafe { engine.log.syncMode = .unsafeNoSync }
        server.dataDirectory = dataDirectory
        server.logDirectory = engine.logDirectory ?? dataDirectory
        server.environment = ProcessEnvironment.entries
    }

    private static func read(_ path: String) throws(StartFailure) -> ConfigurationFile {
        let text: String
        do throws(TextFileError) {
            text = try TextFile.read(path)
        } catch {
            throw StartFailure(.configuration, "\(path): the configuration file cannot be read: \(error.reason)")
        }
        do throws(ConfigurationError) {
            return try ConfigurationFile(parsing: text, file: path)
        } catch {
            throw StartFailure(.configuration, error.description)
        }
    }

    /// The command line wins over the file.
    private static func apply(_ options: ClientOptions, to server: inout ServerConfiguration) throws(StartFailure) {
        func number(
            _ value: Int?, _ range: ClosedRange<Int>, _ name: String
        ) throws(StartFailure) -> Int? {
            guard let value else { return nil }
            guard range.contains(value) else {
                throw StartFailure(
                    .usage, "--\(name) \(value): give a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        }
        let day = 86_400_000
        if let port = try number(options.clientPort, 0...65_535, "client-port") { server.clientPort = port }
        if let address = options.clientAddress { server.clientAddress = address }
        if let tick = try number(options.tickTime, 1...3_600_000, "tick-time") { server.tickTimeMilliseconds = tick }
        if let least = try number(options.minSessionTimeout, 1...day, "min-session-timeout") {
            server.sessionTimeoutMillisecondsMin = least
        }
        if let most = try number(options.maxSessionTimeout, 1...day, "max-session-timeout") {
            server.sessionTimeoutMillisecondsMax = most
        }
        if let count = try number(options.maxClientConnections, 0...1_000_000, "max-client-connections") {
            server.connectionsPerAddressMax = count
        }
        if let bytes = try number(
            options.maxFrameBytes,
            ServerConfiguration.frameByteCountRange
                .lowerBound...ServerConfiguration
                .frameByteCountRange.upperBound, "max-frame-bytes")
        {
            server.frameByteCountMax = bytes
        }
        if let words = options.fourLetterWords {
            guard let set = FourLetterWordSet(parsing: words) else {
                throw StartFailure(
                    .usage,
                    "--four-letter-words \(words): there are "
                        + FourLetterWord.allCases.map(\.rawValue).joined(separator: ", ") + ", and * for all of them")
            }
            server.fourLetterWords = set
        }
    }

    private func check(place: PlaceOptions, clients: ClientOptions, file: ConfigurationFile?) throws(StartFailure) {
        let lowest = server.sessionTimeoutMillisecondsMin ?? 2 * server.tickTimeMilliseconds
        let highest = server.sessionTimeoutMillisecondsMax ?? 20 * server.tickTimeMilliseconds
        if lowest > highest {
            throw StartFailure(
                .usage, "the shortest session timeout (\(lowest) ms) is above the longest (\(highest) ms)")
        }
        do {
            _ = try SocketAddress.makeAddressResolvingHost(server.clientAddress, port: server.clientPort)
        } catch {
            let text =
                "there is no address \(server.clientAddress) (\(error)); use one of this machine, such as 127.0.0.1"
            if clients.clientAddress == nil, let file, let path = place.config, file.clientAddressLine > 0 {
                throw StartFailure(.configuration, "\(path):\(file.clientAddressLine): clientPortAddress: \(text)")
            }
            throw StartFailure(.usage, "--client-address: \(text)")
        }
    }
}
