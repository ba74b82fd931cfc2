import Glibc

/// Standard error, one line a call, so that lines of several threads do not mix.
enum StandardError {
    static func write(line: String) {
        var text = line + "\n"
        text.withUTF8 { bytes in
            // What cannot be said there cannot be said at all.
            _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }
}
