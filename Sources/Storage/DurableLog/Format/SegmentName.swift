/// Names of the log's files.
///
/// `log-<ordinal>`: a segment of the log, or one prepared for it; its headers were durable before it got this name.
/// `spare-<ordinal>`: a segment that was retired and waits to be prepared again. `spare-<ordinal>.new`: one being made.
/// `cut-<ordinal>`: a segment that recovery took out of the log, kept to be looked at; nothing removes it.
/// Ordinals have 16 hexadecimal digits, so that names sort.
enum SegmentName: Equatable {
    case log(UInt64)
    case spare(UInt64)
    case new(UInt64)
    case cut(UInt64)

    var string: String {
        switch self {
        case .log(let ordinal): "log-" + Self.digits(ordinal)
        case .spare(let ordinal): "spare-" + Self.digits(ordinal)
        case .new(let ordinal): "spare-" + Self.digits(ordinal) + ".new"
        case .cut(let ordinal): "cut-" + Self.digits(ordinal)
        }
    }

    /// Reads exactly what `string` writes; nil for any other name.
    init?(_ name: String) {
        guard let dash = name.firstIndex(of: "-") else { return nil }
        let rest = name[name.index(after: dash)...]
        guard let ordinal = UInt64(rest.prefix(16), radix: 16) else { return nil }
        let candidates: [SegmentName] = [.log(ordinal), .spare(ordinal), .new(ordinal), .cut(ordinal)]
        guard let match = candidates.first(where: { $0.string == name }) else { return nil }
        self = match
    }

    private static func digits(_ ordinal: UInt64) -> String {
        let text = String(ordinal, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
