import Glibc

/// Writes a line to standard error: progress, and why something did not work.
func say(_ text: String) {
    var line = text + "\n"
    line.withUTF8 { bytes in
        // What cannot be said there cannot be said at all.
        _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
    }
}
