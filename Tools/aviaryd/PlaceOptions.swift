import ArgumentParser

/// Where the data lies and what is served.
struct PlaceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A configuration file in ZooKeeper's format.", valueName: "zoo.cfg"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "The directory of the data; made if it is missing. Its parent must exist or be creatable.",
            valueName: "path"))
    var dataDir: String?

    @Option(
        help: ArgumentHelp(
            "The directory of the log, for a disk of its own. By default it lies in the data directory.",
            valueName: "path"))
    var logDir: String?
}
