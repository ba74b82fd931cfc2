import ArgumentParser
import BenchmarkSupport

/// Runs the bare server in the foreground.
struct FloorServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "floor-server",
        abstract: "Runs the bare server whose speed is the floor of this machine, until it is ended.",
        discussion: """
            It parses ZooKeeper's framing, makes writes durable in groups on a second thread (O_DIRECT|O_DSYNC over a \
            zero-filled file of 256 MiB), and answers constants. It stores nothing and must not be used for anything.
            """)

    @Option(help: "The port of 127.0.0.1 to listen on, 0 for a free one.")
    var port: UInt16 = 0
    @Option(name: .customLong("value-bytes"), help: "The size of the constant value.")
    var valueByteCount = 100
    @Option(help: "Where the log's file is made; a real disk.")
    var directory = ".aviary-bench"

    func run() throws {
        var server = try FloorServer(
            directory: try ScratchDirectory.prepare(directory), port: port, valueByteCount: valueByteCount)
        print("listening on 127.0.0.1:\(server.port)")
        flushOutput()
        try server.run()
    }
}
