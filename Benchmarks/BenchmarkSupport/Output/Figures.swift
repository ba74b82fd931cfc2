import Glibc

/// Numbers as people read them.
package enum Figures {
    /// A number with so many decimals.
    package static func decimal(_ value: Double, _ places: Int) -> String {
        guard value.isFinite else { return "-" }
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = Int64((abs(value) * scale).rounded())
        let whole = scaled / Int64(scale)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        if places == 0 { return "\(sign)\(whole)" }
        let fraction = String(scaled % Int64(scale))
        return "\(sign)\(whole).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
    }

    /// Nanoseconds as a time with three digits that matter.
    package static func time(_ nanoseconds: Double) -> String {
        switch nanoseconds {
        case ..<1000: "\(decimal(nanoseconds, 0)) ns"
        case ..<1e6: "\(decimal(nanoseconds / 1e3, nanoseconds < 1e4 ? 1 : 0)) us"
        case ..<1e9: "\(decimal(nanoseconds / 1e6, nanoseconds < 1e7 ? 2 : nanoseconds < 1e8 ? 1 : 0)) ms"
        default: "\(decimal(nanoseconds / 1e9, 2)) s"
        }
    }

    /// A rate: 1234 a second is `1234/s`, 12,345 `12.3 k/s`.
    package static func rate(_ perSecond: Double) -> String {
        switch perSecond {
        case ..<10_000: "\(decimal(perSecond, 0))/s"
        case ..<1e6: "\(decimal(perSecond / 1e3, perSecond < 1e5 ? 1 : 0)) k/s"
        default: "\(decimal(perSecond / 1e6, 2)) M/s"
        }
    }

    package static func bytes(_ count: Double) -> String {
        switch count {
        case ..<10_240: "\(decimal(count, 0)) B"
        case ..<(10 * 1_048_576): "\(decimal(count / 1024, 0)) KiB"
        case ..<(10 * 1_073_741_824): "\(decimal(count / 1_048_576, 0)) MiB"
        default: "\(decimal(count / 1_073_741_824, 1)) GiB"
        }
    }

    /// A ratio with two digits behind the point, three below one.
    package static func ratio(_ value: Double) -> String { decimal(value, abs(value) < 1 ? 3 : 2) }

    /// A bar of at most `width` characters, `value` of `full` long, with eighths at its end.
    package static func bar(_ value: Double, of full: Double, width: Int) -> String {
        guard full > 0, value > 0 else { return "" }
        let eighths = Int((min(value / full, 1) * Double(width * 8)).rounded())
        let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
        return String(repeating: "█", count: eighths / 8) + partial
    }
}
