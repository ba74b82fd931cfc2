import CoreTypes

/// A ZooKeeper configuration file, read: what it asks for, and what there is to say about it.
///
/// A pure value: the text comes in, nothing is looked up. ZooKeeper turns every key that it does not know into a system
/// property; here such a key is a warning, because a misspelt one is better seen. A value that makes no sense is an
/// error that names file, line and remedy; all of them are reported together.
package struct ConfigurationFile: Equatable, Sendable {
    /// `dataDir`.
    package private(set) var dataDirectory: String?
    /// `dataLogDir`.
    package private(set) var logDirectory: String?
    /// What the file says of serving clients, the rest being the defaults.
    package private(set) var server = ServerConfiguration()
    /// `autopurge.snapRetainCount`: snapshots kept.
    package private(set) var snapshotCountKept: Int?
    /// `snapCount`: commands after which a checkpoint is made.
    package private(set) var commandsPerCheckpointMax: Int?
    /// `aviary.peerLogMegabytes`: MiB of log that are kept for servers which were away.
    package private(set) var peerLogMegabytes: Int?
    /// `aviary.snapshotMegabytes`: MiB of log after which a snapshot is made.
    package private(set) var snapshotMegabytes: Int?
    /// The `server.N` lines, in the order of the file. Whether they make a cluster is judged by `ClusterSettings`.
    package private(set) var servers: [ServerEntry] = []
    /// `aviary.peerSecretFile`.
    package private(set) var peerSecretFile: String?
    /// Where `aviary.peerSecretFile` stands, for whoever cannot use it; 0 if it does not.
    package private(set) var peerSecretLine = 0
    /// Where `clientPort` stands; 0 if it does not.
    package private(set) var clientPortLine = 0
    /// Where `clientPortAddress` stands, for whoever finds out that there is no such address; 0 if it does not.
    package private(set) var clientAddressLine = 0
    /// In the order of the file.
    package private(set) var warnings: [ConfigurationNote] = []

    /// Its name, for messages.
    let file: String
    private var problems: [ConfigurationNote] = []
    private var lineOfKey: [String: Int] = [:]

    /// - Parameters:
    ///   - text: the whole file.
    ///   - file: its name, for messages.
    package init(parsing text: String, file: String) throws(ConfigurationError) {
        self.file = file
        for entry in PropertiesText(parsing: text).entries {
            if let earlier = lineOfKey[entry.key], !ConfigurationKey.namesServer(entry.key) {
                warn(entry.line, "\(entry.key) stands in line \(earlier) already; this line wins")
            }
            lineOfKey[entry.key] = entry.line
            take(entry)
        }
        checkTogether()
        if !problems.isEmpty { throw ConfigurationError(problems: problems) }
        // Equal files are equal wherever their keys stood.
        lineOfKey = [:]
    }

    private mutating func take(_ entry: PropertiesText.Entry) {
        guard entry.hasSeparator, !entry.key.isEmpty else {
            let line = entry.value.isEmpty ? entry.key : "\(entry.key) \(entry.value)"
            return refuse(entry.line, "\(line) is not key=value; begin the line with # if it is a comment")
        }
        switch ConfigurationKey(entry.key) {
        case .dataDirectory: dataDirectory = text(entry, "the directory for the store, for example /var/lib/aviary")
        case .logDirectory: logDirectory = text(entry, "the directory for the log")
        case .clientPort:
            number(entry, 0...65_535, "a port", into: \.clientPort)
            clientPortLine = entry.line
        case .clientAddress:
            guard let address = text(entry, "an address to listen on, for example 127.0.0.1") else { return }
            server.clientAddress = address
            clientAddressLine = entry.line
        case .listenBacklog: number(entry, -1...65_535, "a number of connections", into: \.listenBacklog)
        case .tickTime: number(entry, 1...3_600_000, "milliseconds, for example 2000", into: \.tickTimeMilliseconds)
        case .sessionTimeoutMin: timeout(entry, into: \.sessionTimeoutMillisecondsMin)
        case .sessionTimeoutMax: timeout(entry, into: \.sessionTimeoutMillisecondsMax)
        case .connectionsPerAddress:
            number(entry, 0...1_000_000, "a number of connections, 0 for no limit", into: \.connectionsPerAddressMax)
        case .connectionCount: takeConnectionCount(entry)
        case .frameByteCount:
            number(
                entry, ServerConfiguration.frameByteCountRange, "a number of bytes, by default 1048575",
                into: \.frameByteCountMax)
        case .outstandingRequests:
            integer(entry, 1...100_000_000, "a number of requests").map { server.outstandingRequestCountMax = $0 }
        case .fourLetterWords: takeWords(entry)
        case .superDigest: takeSuperDigest(entry)
        case .snapshotsKept: snapshotCountKept = integer(entry, 1...1_000_000, "a number of snapshots")
        case .commandsPerCheckpoint:
            commandsPerCheckpointMax = integer(entry, 2...1_000_000_000, "a number of commands")
        case .peerSecretFile:
            peerSecretFile = text(entry, "the file with the secret that the servers share")
            peerSecretLine = entry.line
        case .peerLogMegabytes:
            peerLogMegabytes = integer(entry, 0...1_048_576, "a number of megabytes, by default 512")
        case .snapshotMegabytes:
            snapshotMegabytes = integer(entry, 1...1_048_576, "a number of megabytes, by default 256")
        case .server(let number): takeServer(entry, number)
        case .dynamicConfiguration:
            refuse(
                entry.line,
                "\(entry.key) is not read by this server: write the server.N lines that it has into this file, and "
                    + "remove this line")
        case .without(let reason): warn(entry.line, "\(entry.key) \(reason); the line is ignored")
        case .unknown:
            warn(
                entry.line,
                "\(entry.key) is not known and ignored; known keys: \(ConfigurationKey.names.joined(separator: ", "))")
        }
    }

    // MARK: Single values

    private mutating func text(_ entry: PropertiesText.Entry, _ meaning: String) -> String? {
        if !entry.value.isEmpty { return entry.value }
        refuse(entry.line, "\(entry.key) has no value; write \(entry.key)= and \(meaning)")
        return nil
    }

    private mutating func integer(
        _ entry: PropertiesText.Entry, _ range: ClosedRange<Int>, _ meaning: String
    ) -> Int? {
        let digits = entry.value.lowercased()
        let value = digits.hasPrefix("0x") ? Int(digits.dropFirst(2), radix: 16) : Int(digits)
        if let value, range.contains(value) { return value }
        refuse(
            entry.line,
            "\(entry.key)=\(entry.value) is not \(meaning); write a number from \(range.lowerBound) to \(range.upperBound)"
        )
        return nil
    }

    private mutating func number(
        _ entry: PropertiesText.Entry, _ range: ClosedRange<Int>, _ meaning: String,
        into field: WritableKeyPath<ServerConfiguration, Int>
    ) {
        guard let value = integer(entry, range, meaning) else { return }
        server[keyPath: field] = value
    }

    /// -1 stands for the default, as in ZooKeeper.
    private mutating func timeout(
        _ entry: PropertiesText.Entry, into field: WritableKeyPath<ServerConfiguration, Int?>
    ) {
        guard let value = integer(entry, -1...86_400_000, "milliseconds"), value != 0 else {
            if entry.value == "0" {
                refuse(entry.line, "\(entry.key)=0 would end every session at once; remove the line")
            }
            return
        }
        server[keyPath: field] = value == -1 ? nil : value
    }

    private mutating func takeConnectionCount(_ entry: PropertiesText.Entry) {
        guard let value = integer(entry, 0...Limits.connectionCountMax, "a number of connections, 0 for the most")
        else { return }
        server.connectionCountMax = value == 0 ? Limits.connectionCountMax : value
    }

    private mutating func takeWords(_ entry: PropertiesText.Entry) {
        var words: [FourLetterWord] = []
        for part in entry.value.split(separator: ",") {
            let name = part.filter { !$0.isWhitespace }
            if name == "*" {
                words = FourLetterWord.allCases
            } else if let word = FourLetterWord(rawValue: name) {
                words.append(word)
            } else if FourLetterWord.unsupported.contains(name) {
                warn(entry.line, "the four-letter word \(name) is not answered by this server")
            } else if !name.isEmpty {
                refuse(
                    entry.line,
                    "\(entry.key): \(name) is not a four-letter word; there are "
                        + FourLetterWord.allCases.map(\.rawValue).joined(separator: ", ") + ", and * for all of them")
            }
        }
        server.fourLetterWords = FourLetterWordSet(words)
    }

    private mutating func takeSuperDigest(_ entry: PropertiesText.Entry) {
        let parts = entry.value.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        // The base64 of the 20 bytes of a SHA-1 has 28 characters and ends in one "=".
        guard parts.count == 2, !parts[0].isEmpty, parts[1].utf8.count == 28, parts[1].hasSuffix("=") else {
            refuse(
                entry.line,
                "\(entry.key) is not user:digest; the digest is base64(sha1(\"user:password\")), 28 characters long")
            return
        }
        server.superDigest = entry.value
    }

    private mutating func takeServer(_ entry: PropertiesText.Entry, _ number: String) {
        do throws(ServerEntryFlaw) {
            servers.append(try ServerEntry(number: number, value: entry.value, file: file, line: entry.line))
        } catch {
            refuse(entry.line, "\(entry.key)=\(entry.value): \(error.text)")
        }
    }

    // MARK: Values together

    private mutating func checkTogether() {
        let lowest = server.sessionTimeoutMillisecondsMin ?? 2 * server.tickTimeMilliseconds
        let highest = server.sessionTimeoutMillisecondsMax ?? 20 * server.tickTimeMilliseconds
        if lowest > highest {
            let line = max(lineOfKey["minSessionTimeout"] ?? 0, lineOfKey["maxSessionTimeout"] ?? 0)
            refuse(
                line,
                "minSessionTimeout (\(lowest) ms) is above maxSessionTimeout (\(highest) ms); without a line of their own "
                    + "they are 2 and 20 times tickTime")
        }
    }

    private mutating func warn(_ line: Int, _ text: String) {
        warnings.append(ConfigurationNote(file: file, line: line, text: text))
    }

    private mutating func refuse(_ line: Int, _ text: String) {
        problems.append(ConfigurationNote(file: file, line: line, text: text))
    }
}
