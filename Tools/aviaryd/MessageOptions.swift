import ArgumentParser
import Logging

/// What is said on standard error, and how.
struct MessageOptions: ParsableArguments {
    @Option(
        help: "trace, debug, info, notice, warning, error or critical.",
        transform: { text in
            guard let level = Logger.Level(rawValue: text) else { throw ValidationError("there is no level \(text)") }
            return level
        })
    var logLevel = Logger.Level.info

    @Option(help: "text for people, json for machines: one object a line.")
    var logFormat = LogOutput.Format.text
}

extension LogOutput.Format: ExpressibleByArgument {}
