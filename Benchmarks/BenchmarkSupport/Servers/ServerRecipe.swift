import Glibc

/// How to start a server to be measured, or where to find one that runs already.
package struct ServerRecipe: Sendable {
    package enum Program: Sendable, Equatable {
        /// Apache ZooKeeper of Debian's package, as its own defaults have it or tuned for this load.
        case zooKeeper(isTuned: Bool)
        /// The server of this project.
        case aviaryd(path: String, arguments: [String])
        /// The bare server of this tool.
        case floor
        /// Somebody else's: nothing is started or stopped, and nothing is known of its process.
        case running([ServerAddress])
    }

    package var name: String
    package var program: Program
    package var replicaCount = 1
    /// How many bytes the floor's constant value has.
    package var valueByteCount = 100

    package init(name: String, program: Program) {
        self.name = name
        self.program = program
    }

    /// The floor answers constants, so only order, length and errors of its replies are checked.
    package var checksContent: Bool { program != .floor }

    /// A compiler that works while the program runs: its rate rises for many seconds.
    package var needsLongWarmUp: Bool {
        if case .zooKeeper = program { return true }
        return false
    }

    /// ZooKeeper 3.8 was seen, in about every second run, not to answer a command that is alone for as long as one waits:
    /// such a round is made again, and told of. A server of this project that does that fails the measurement.
    package var mayStall: Bool { needsLongWarmUp }
}

extension ServerRecipe {
    static let java = "/usr/bin/java"
    static let jar = "/usr/share/java/zookeeper.jar"

    /// Options of the Java machine for the tuned variant: no heap growth, no pauses for a concurrent collector, the
    /// limit on requests in flight above what is sent, no digest, a snapshot every million transactions, log files
    /// extended by 256 MiB at a time. Writes are synced, as they are by default. Several replicas share the memory.
    package static func tunedOptions(replicaCount: Int) -> [String] {
        let heap = replicaCount == 1 ? "3g" : "1g"
        return [
            "-Xms\(heap)", "-Xmx\(heap)", "-XX:+UseParallelGC", "-XX:+AlwaysPreTouch",
            "-Dzookeeper.globalOutstandingLimit=100000", "-Dzookeeper.digest.enabled=false",
            "-Dzookeeper.snapCount=1000000", "-Dzookeeper.preAllocSize=262144", "-Dzookeeper.nio.numSelectorThreads=1",
        ]
    }

    /// The path and the arguments of one replica's process.
    func command(directory: String, port: UInt16, tool: String) throws -> (String, [String]) {
        switch program {
        case .zooKeeper(let isTuned):
            guard access(Self.java, X_OK) == 0, access(Self.jar, R_OK) == 0 else {
                throw BenchmarkError(
                    "Apache ZooKeeper is not installed (\(Self.jar)): apt-get install zookeeper, or leave it out with"
                        + " --servers")
            }
            let tuning = isTuned ? Self.tunedOptions(replicaCount: replicaCount) : []
            let main = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
            return (Self.java, tuning + ["-cp", Self.jar, main, "\(directory)/zoo.cfg"])
        case .aviaryd(let path, let arguments):
            guard access(path, X_OK) == 0 else {
                throw BenchmarkError(
                    "there is no aviaryd at \(path): swift build -c release --product aviaryd, or give --aviaryd PATH")
            }
            return (path, ["--config", "\(directory)/zoo.cfg"] + arguments)
        case .floor:
            return (
                tool,
                ["floor-server", "--directory", directory, "--port", "\(port)", "--value-bytes", "\(valueByteCount)"]
            )
        case .running: throw BenchmarkError("\(name) is not started by this tool")
        }
    }

    /// The configuration file of one replica, numbered from 1: ZooKeeper's defaults, but for what is needed to run
    /// several servers on one machine and to ask them for their counters.
    func configuration(directory: String, replica: Int, clientPorts: [UInt16], peerPorts: [UInt16]) -> String {
        var lines = [
            "tickTime=2000", "dataDir=\(directory)/data", "clientPort=\(clientPorts[replica - 1])",
            "clientPortAddress=127.0.0.1", "maxClientCnxns=0", "4lw.commands.whitelist=*",
        ]
        if case .zooKeeper = program { lines.append("admin.enableServer=false") }
        if replicaCount > 1 {
            lines += ["initLimit=10", "syncLimit=5"]
            for index in 0..<replicaCount {
                lines.append("server.\(index + 1)=127.0.0.1:\(peerPorts[2 * index]):\(peerPorts[2 * index + 1])")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
