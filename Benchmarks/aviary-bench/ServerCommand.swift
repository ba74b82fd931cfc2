import ArgumentParser
import BenchmarkSupport

/// Compares single servers under load.
struct ServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Compares servers under load: aviaryd, Apache ZooKeeper, the bare floor, or any address.",
        discussion: """
            Servers, by name:
              aviaryd           the release build beside this tool
              zookeeper         Debian's package, with its own defaults
              zookeeper-tuned   the same, tuned for this load (see --json)
              floor             a bare server; see help floor-server
              NAME=HOST:PORT[,HOST:PORT...]
                                one that runs already; connections are
                                dealt out to the addresses

            A workload is KIND/CONNECTIONSxOUTSTANDING: set/16x8 keeps 8 sets in flight on each of 16 connections, and \
            set/16x8/1024 does so with values of 1024 bytes. \
            Kinds are set, get, mixed (nine gets to one set) and create (each connection under its own directory; \
            what was created is deleted after the round, and must be there).

            Each server is warmed up for each workload until its rate is steady. Every reply is checked: in order, \
            no error, right length, zxids that do not go back, a set's Stat, a get's key; whole values on a sample.

            "p50" and so on are latencies as a client sees them, from just before the send to just after the \
            receive. "+-" is half the distance between the best and the worst round. "server CPU" and "generator \
            CPU" are in processors, "others CPU" is what the rest of the machine used or its host took away; a round in \
            which that was more than 0.2 is made again, twice at most. "slowest 0.1 s" is the rate in the worst tenth of a second of a round.

            \(ComparisonHelp.costs)

            Several servers that are one cluster are compared by the command cluster.

            Examples:
              aviary-bench server
              aviary-bench server --workloads set/16x8 --rounds 3 --seconds 2
              aviary-bench server --keys 100000 --seconds 30 \\
                  --require 'set/16x8:rate>=3' \\
                  --require 'set/64x32:counter(checkpoint_count)>=3' \\
                  --require 'set/64x32:counter(log_segments_recycled)>=1'
              aviary-bench server --servers mine=127.0.0.1:2181,floor --json
            """)

    @Option(help: "The servers, separated by commas.")
    var servers = "aviaryd,zookeeper,floor"
    @Option(help: "The workloads, separated by commas.")
    var workloads = Workload.canonical.map(\.description).joined(separator: ",")
    @OptionGroup var options: ComparisonOptions
    @OptionGroup var choice: ServerChoice
    @OptionGroup var common: CommonOptions

    func validate() throws {
        do { _ = try comparison() } catch let error as BenchmarkError { throw ValidationError(error.description) }
    }

    private func comparison() throws -> ComparisonRun {
        let workloads = try options.workloads(workloads)
        let recipes = try choice.recipes(servers, replicaCount: 1, valueByteCount: options.valueByteCount)
        let isRead = workloads.contains { $0.valueByteCount != nil && $0.kind != .set && $0.kind != .create }
        if isRead && recipes.contains(where: { $0.program == .floor }) {
            throw BenchmarkError("the floor answers values of one size: give it by --value-bytes, not by a workload")
        }
        return ComparisonRun(
            recipes: recipes, workloads: workloads, placement: nil, options: options, common: common, replicaCount: 1)
    }

    func run() throws { try comparison().run() }
}
