import Glibc
import Logging

/// Writes log messages to standard error, one a line.
struct LogOutput: LogHandler {
    enum Format: String, Sendable, CaseIterable {
        case text
        case json
    }

    let format: Format
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(format: Format, level: Logger.Level) {
        self.format = format
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let pairs = metadata.merging(event.metadata ?? [:]) { $1 }
            .map { (key: $0.key, value: $0.value.description) }.sorted { $0.key < $1.key }
        let line: String
        switch format {
        case .text:
            line =
                "\(LogOutput.timestamp()) \(event.level) \(event.message)"
                + pairs.map { " \($0.key)=\(LogOutput.quoted($0.value))" }.joined()
        case .json:
            let fields =
                [("time", LogOutput.timestamp()), ("level", "\(event.level)"), ("message", "\(event.message)")]
                + pairs.map { ($0.key, $0.value) }
            line = "{" + fields.map { "\(LogOutput.json($0.0)):\(LogOutput.json($0.1))" }.joined(separator: ",") + "}"
        }
        StandardError.write(line: line)
    }

    /// UTC with milliseconds, as in RFC 3339.
    private static func timestamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        func digits(_ value: Int, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return
            "\(digits(Int(parts.tm_year) + 1900, 4))-\(digits(Int(parts.tm_mon) + 1, 2))-\(digits(Int(parts.tm_mday), 2))"
            + "T\(digits(Int(parts.tm_hour), 2)):\(digits(Int(parts.tm_min), 2)):\(digits(Int(parts.tm_sec), 2))"
            + ".\(digits(now.tv_nsec / 1_000_000, 3))Z"
    }

    /// In quotation marks if it has blanks in it.
    private static func quoted(_ text: String) -> String {
        text.isEmpty || text.contains(where: { $0 == " " || $0 == "\"" || $0.isNewline }) ? json(text) : text
    }

    private static func json(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
