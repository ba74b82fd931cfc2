import ArgumentParser

/// How clients are served. What is left out is taken from the configuration file, or is the default named here.
struct ClientOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The address to listen on. (default: 127.0.0.1)", valueName: "address"))
    var clientAddress: String?

    @Option(help: ArgumentHelp("The port to listen on; 0 takes a free one. (default: 2181)", valueName: "port"))
    var clientPort: Int?

    @Option(
        help: ArgumentHelp(
            "Milliseconds of a tick: sessions time out after 2 to 20 ticks. (default: 3000)", valueName: "ms"))
    var tickTime: Int?

    @Option(help: ArgumentHelp("The shortest session timeout granted. (default: 2 ticks)", valueName: "ms"))
    var minSessionTimeout: Int?

    @Option(help: ArgumentHelp("The longest session timeout granted. (default: 20 ticks)", valueName: "ms"))
    var maxSessionTimeout: Int?

    @Option(
        help: ArgumentHelp("Connections of one client address; 0 for no limit. (default: 60)", valueName: "count"))
    var maxClientConnections: Int?

    @Option(
        help: ArgumentHelp(
            "Bytes of one request, as jute.maxbuffer. (default: 1048575)", valueName: "bytes"))
    var maxFrameBytes: Int?

    @Option(
        help: ArgumentHelp(
            "Four-letter words that are answered, separated by commas; * for all. (default: ruok,srvr,stat,mntr,envi,"
                + "isro,conf)", valueName: "words"))
    var fourLetterWords: String?
}
