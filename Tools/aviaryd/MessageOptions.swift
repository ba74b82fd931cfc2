import ArgumentParser
import Logging

/// What is said on standard error, and how.
struct MessageOptions: ParsableArguments {
    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel: Logger.Level = .info

    @Option(help: "text for people, json for machines: one object a line.")
    var logFormat: LogOutput.Format = .text
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
extension LogOutput.Format: ExpressibleByArgument {}
