import Glibc

/// Lines about what is being done, on standard error, so that standard output holds results alone.
package enum Progress {
    private static let startedAt = monotonicNanoseconds()

    package static func say(_ text: String) {
        let start = startedAt  // set by the first call
        let seconds = Double(monotonicNanoseconds() - start) / 1e9
        let line = Array("[\(Figures.decimal(seconds, 1)) s] \(text)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
