import Glibc

/// A server, or a cluster on this machine, that is ready to be measured.
package final class MeasuredServer {
    package let recipe: ServerRecipe
    package let addresses: [ServerAddress]
    private var children: [ChildProcess] = []
    private var commands: [(path: String, arguments: [String], log: String)] = []
    private let directory: String

    package var name: String { recipe.name }

    /// Starts the processes below `directory`, which is emptied first, and waits until each opens a session.
    package init(_ recipe: ServerRecipe, directory: String) throws {
        self.recipe = recipe
        self.directory = directory
        if case .running(let addresses) = recipe.program {
            self.addresses = addresses
        } else {
            ScratchDirectory.remove(directory)
            try ScratchDirectory.make(directory)
            let clientPorts = try Listener.freePorts(recipe.replicaCount * 3)
            let peerPorts = Array(clientPorts.dropFirst(recipe.replicaCount))
            addresses = clientPorts.prefix(recipe.replicaCount).map { ServerAddress(host: "127.0.0.1", port: $0) }
            for replica in 1...recipe.replicaCount {
                let own = "\(directory)/\(replica)"
                try ScratchDirectory.make("\(own)/data")
                if recipe.replicaCount > 1 { try TextFile.write("\(replica)\n", to: "\(own)/data/myid") }
                let text = recipe.configuration(
                    directory: own, replica: replica, clientPorts: clientPorts, peerPorts: peerPorts)
                try TextFile.write(text, to: "\(own)/zoo.cfg")
                let (path, arguments) = try recipe.command(
                    directory: own, port: clientPorts[replica - 1], tool: ScratchDirectory.ownProgram)
                commands.append((path, arguments, "\(own)/output.log"))
            }
            try launch()
        }
        try waitUntilReady(seconds: commands.isEmpty ? 3 : 120)
    }

    deinit { stop(removingData: false) }

    /// Starts the processes, without waiting for them.
    package func launch() throws {
        children = try commands.map { command in
            try ChildProcess(
                name: name, path: command.path, arguments: command.arguments, logPath: command.log)
        }
    }

    /// Waits until every address opens a session; a process that ends meanwhile is an error that shows its last words.
    package func waitUntilReady(seconds: Double = 120) throws {
        let end = monotonicNanoseconds() + UInt64(seconds * 1e9)
        for address in addresses {
            var patience = 100
            while true {
                do {
                    let client = try SimpleClient(address, replyMilliseconds: patience)
                    try client.close()
                    break
                } catch let error as BenchmarkError {
                    for child in children where !child.isRunning {
                        throw BenchmarkError("\(name) ended while starting; its last words:\n\(child.lastWords)")
                    }
                    guard monotonicNanoseconds() < end else {
                        let words = children.first?.lastWords ?? ""
                        throw BenchmarkError(
                            "\(name) at \(address) is not ready after \(seconds) s: \(error)\n\(words)")
                    }
                    patience = min(patience * 2, 5000)
                    usleep(5000)
                }
            }
        }
    }

    /// The processes, none for a server that was not started here.
    package var processes: [Int32] { children.map(\.process) }

    /// What all processes used so far.
    package func usage() -> ProcessUsage { ProcessUsage(processes: processes) }

    /// The counters that the replicas report by `mntr`, those of several added up; none from a server that does not
    /// know the word.
    package func counters() -> [String: Double] {
        guard recipe.program != .floor else { return [:] }
        let replicas = addresses.compactMap { try? SimpleClient.ask($0, word: "mntr") }.map(Self.parseCounters)
        return replicas.count == 1 ? replicas[0] : Self.sum(replicas)
    }

    /// Adds up the counters of several replicas, without those whose sum means nothing: averages and the like.
    static func sum(_ replicas: [[String: Double]]) -> [String: Double] {
        var total: [String: Double] = [:]
        for counters in replicas {
            for (name, value) in counters where !statisticPrefixes.contains(where: { name.hasPrefix($0) }) {
                total[name, default: 0] += value
            }
        }
        return total
    }

    private static let statisticPrefixes = [
        "zk_avg_", "zk_min_", "zk_max_", "zk_p50_", "zk_p95_", "zk_p99_", "zk_p999_",
    ]

    /// The addresses that connections are dealt out to, as the replicas say now who leads; all of them, in their own
    /// order, when no placement is asked for.
    package func place(_ placement: Placement?) throws -> [ServerAddress] {
        guard let placement else { return addresses }
        let end = monotonicNanoseconds() + 20_000_000_000
        while true {
            let states = addresses.map { address in
                (try? SimpleClient.ask(address, word: "mntr")).flatMap(Placement.state(inMonitor:)) ?? "unknown"
            }
            if let chosen = placement.choose(among: addresses, states: states) { return chosen }
            guard monotonicNanoseconds() < end else {
                throw BenchmarkError(
                    "\(name) has no leader with followers: its replicas are \(states.joined(separator: ", "))")
            }
            usleep(50_000)
        }
    }

    static func parseCounters(_ text: String) -> [String: Double] {
        var counters: [String: Double] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t")
            if parts.count == 2, let number = Double(parts[1]) { counters[String(parts[0])] = number }
        }
        return counters
    }

    /// Waits until the processes are idle, so that what one round left to do is not paid for by the next one.
    package func waitUntilIdle(seconds: Double = 5) -> Bool {
        guard !children.isEmpty else { return true }
        let end = monotonicNanoseconds() + UInt64(seconds * 1e9)
        var before = usage()
        while monotonicNanoseconds() < end {
            usleep(200_000)
            let now = usage()
            if now.since(before).processorNanoseconds <= 10_000_000 * UInt64(children.count) { return true }
            before = now
        }
        return false
    }

    /// False once a process that was started here has ended.
    package var isRunning: Bool { children.allSatisfy(\.isRunning) }

    /// The end of what the first process printed.
    package var lastWords: String { children.first?.lastWords ?? "" }

    /// Kills all processes at once, as a power cut would end them.
    package func kill() { for child in children { child.kill() } }

    /// Ends the processes in good order; the data goes too, unless it is asked for.
    package func stop(removingData: Bool = true) {
        for child in children { child.terminate() }
        let hadChildren = !commands.isEmpty
        children = []
        if removingData && hadChildren { ScratchDirectory.remove(directory) }
    }
}
