/// The floors of the machine, measured several times in a run: p50 in nanoseconds.
package struct FloorFigures: Sendable {
    /// The ways of a durable 4 KiB write that are measured.
    package static let modes: [DiskFloor.Mode] = [.directSynchronous, .synchronous, .fdatasync]

    package private(set) var writes: [[Double]] = modes.map { _ in [] }
    package private(set) var writesP99: [[Double]] = modes.map { _ in [] }
    package private(set) var loopback: [Double] = []

    package init() {}

    /// Measures everything once more, for `nanoseconds` each.
    package mutating func measure(directory: String, nanoseconds: UInt64) throws {
        for (index, mode) in Self.modes.enumerated() {
            let histogram = try DiskFloor.measure(
                mode, byteCount: 4096, directory: directory, nanoseconds: nanoseconds)
            writes[index].append(Double(histogram.percentile(0.5)))
            writesP99[index].append(Double(histogram.percentile(0.99)))
        }
        loopback.append(Double(try LoopbackFloor.measure(nanoseconds: nanoseconds).percentile(0.5)))
    }

    package var lines: [String] {
        var lines = Self.modes.indices.map { index in
            let p50 = Spread(writes[index])
            return "durable 4 KiB write, \(Self.modes[index].rawValue): p50 \(Figures.time(p50.median))"
                + " [\(Figures.time(p50.lowest)) .. \(Figures.time(p50.highest))],"
                + " p99 \(Figures.time(Spread(writesP99[index]).median))"
        }
        let trip = Spread(loopback)
        lines.append(
            "loopback TCP round trip between two threads: p50 \(Figures.time(trip.median))"
                + " [\(Figures.time(trip.lowest)) .. \(Figures.time(trip.highest))]")
        return lines
    }

    package var json: JSONValue {
        func series(_ values: [Double]) -> JSONValue { .array(values.map { .number($0) }) }
        return .object(
            Self.modes.indices.map { ("write4KiB \(Self.modes[$0].rawValue) p50 ns", series(writes[$0])) } + [
                ("loopback p50 ns", series(loopback))
            ])
    }
}
