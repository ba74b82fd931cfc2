import ArgumentParser
import BenchmarkSupport

extension Placement: ExpressibleByArgument {}

/// Compares clusters on this machine under load.
struct ClusterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Compares clusters of three servers on this machine: aviaryd and Apache ZooKeeper.",
        discussion: """
            Starts three processes of each server, with fresh directories below --directory, on free ports of \
            127.0.0.1, and ends them when the run is over. All of them share this machine's processors and its disk, and \
            so does the load generator: the figures show how much work a write makes, not what three machines would do.

            Servers, by name:
              aviaryd           the release build beside this tool
              zookeeper         Debian's package, with its own defaults
              zookeeper-tuned   the same, tuned for this load (see --json);
                                synced, like the others
              NAME=HOST:PORT,HOST:PORT,...
                                a cluster that runs already

            --connect says which replicas the connections go to: spread deals them out to all, the leader first, so \
            that a single connection is one to the leader; leader and followers are what they say. Who leads is asked \
            before every round (zk_server_state of mntr).

            A workload is KIND/CONNECTIONSxOUTSTANDING[/BYTES]: set/16x8/1024 keeps 8 sets of 1024 bytes in flight on \
            each of 16 connections. Kinds are set, get, mixed (nine gets to one set) and create. Rounds, warm-up, checks \
            and the first table are those of the command server, see help server. Where several ZooKeepers take part, \
            the one that looks better counts, figure by figure, in the summary and in every --require without @NAME.

            \(ComparisonHelp.costs)

            How long the cluster pauses when its leader dies is measured elsewhere.

            The default, all workloads, takes about twenty minutes. Examples:
              aviary-bench cluster
              aviary-bench cluster --workloads set/16x8 --seconds 2
              aviary-bench cluster --workloads set/1x1 --connect followers
              aviary-bench cluster --workloads set/16x8,get/16x8 \\
                  --require 'set/16x8:rate>=4' \\
                  --require 'set/16x8:p99<=0.25' \\
                  --require 'set/16x8:switches-per-write@zookeeper<=0.5'
            """)

    @Option(help: "The servers, separated by commas.")
    var servers = "aviaryd,zookeeper,zookeeper-tuned"
    @Option(help: "The workloads, separated by commas.")
    var workloads = Workload.canonicalOfCluster.map(\.description).joined(separator: ",")
    @Option(help: "How many processes each cluster has.")
    var replicas = 3
    @Option(help: "Which replicas the connections go to: spread, leader or followers.")
    var connect = Placement.spread
    @OptionGroup var options: ComparisonOptions
    @OptionGroup var choice: ServerChoice
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard replicas >= 2 else { throw ValidationError("a cluster has two processes at least") }
        do { _ = try comparison() } catch let error as BenchmarkError { throw ValidationError(error.description) }
    }

    private func comparison() throws -> ComparisonRun {
        let recipes = try choice.recipes(
            servers, replicaCount: replicas, valueByteCount: options.valueByteCount)
        guard !recipes.contains(where: { $0.program == .floor }) else {
            throw BenchmarkError("the floor is one process and no cluster: compare with it by the command server")
        }
        return ComparisonRun(
            recipes: recipes, workloads: try options.workloads(workloads), placement: connect, options: options,
            common: common, replicaCount: replicas)
    }

    func run() throws { try comparison().run() }
}
