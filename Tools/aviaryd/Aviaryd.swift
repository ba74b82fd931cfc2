import ArgumentParser
import Logging
import ServiceLifecycle
import UnixSignals

/// The server: one durable replica that ZooKeeper's clients use.
@main
struct Aviaryd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aviaryd",
        abstract: "Serves ZooKeeper's clients from a durable tree of znodes.",
        discussion: """
            Give it a directory of its own, or a zoo.cfg as ZooKeeper has it:

              aviaryd --data-dir /var/lib/aviary
              aviaryd --config /etc/zookeeper/conf/zoo.cfg

            Then connect with any ZooKeeper client to 127.0.0.1:2181, or ask for statistics: echo srvr | nc 127.0.0.1 2181

            A write is acknowledged when it is on disk. By default only this machine is served; name an address with \
            --client-address (0.0.0.0 or :: for all) to serve others. Options on the command line win over the file.

            SIGTERM and Ctrl-C stop it cleanly: outstanding requests are answered, a checkpoint is made, and the next \
            start replays nothing. It may be killed at any time without losing an acknowledged write.

            Exit status: 0 stopped as asked; 64 wrong command line; 65 the directory is damaged or from a newer version; \
            69 the address cannot be listened on; 73 the directory cannot be used; 74 the disk failed while serving; \
            78 wrong configuration.
            """,
        version: "aviaryd 0.1, protocol of ZooKeeper 3.9")

    @OptionGroup(title: "Where") var place: PlaceOptions
    @OptionGroup(title: "Clients") var clients: ClientOptions
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup(title: "Log messages") var messages: MessageOptions

    @Flag(
        name: .customLong("unsafe-no-sync"),
        help: "Acknowledge writes before they are on disk. A crash loses them. For comparison only.")
    var isUnsafe = false

    func run() async throws {
        let output = LogOutput(format: messages.logFormat, level: messages.logLevel)
        LoggingSystem.bootstrap { _ in output }
        let logger = Logger(label: "aviaryd")
        do {
            let settings = try Settings(place: place, clients: clients, cluster: cluster, isUnsafe: isUnsafe)
            for warning in settings.warnings { logger.warning("\(warning)") }
            let service = ServerService(settings: settings, logger: logger)
            var group = ServiceGroupConfiguration(
                services: [
                    .init(
                        service: service, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() })
            group.maximumGracefulShutdownDuration = .seconds(60)
            try await ServiceGroup(configuration: group).run()
        } catch let failure as StartFailure {
            failure.say()
            throw ExitCode(failure.status.rawValue)
        }
    }
}
