import ArgumentParser

/// The cluster that the server is a member of.
struct ClusterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Which of the servers this one is. (default: what the file myid in the data directory says)", valueName: "N"
        ))
    var replica: Int?

    @Option(
        name: .customLong("server"),
        help: ArgumentHelp(
            "A server of the cluster and the port that its peers reach it by; give it for each, this one among them. "
                + "Takes the place of all server.N lines.",
            valueName: "N=host:port[:observer]"))
    var servers: [String] = []

    @Option(
        help: ArgumentHelp(
            "A file of mode 0600 with 16 bytes or more that all servers share, needed unless all are on loopback.",
            valueName: "path"))
    var peerSecretFile: String?

    @Flag(
        help: ArgumentHelp(
            "First start only, and on one server only: found the cluster as soon as more than half of the servers are "
                + "there, instead of all. Whoever gives it vouches that there was no such cluster before."))
    var initialize = false
}
