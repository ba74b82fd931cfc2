internal import CBenchmark
import Glibc

/// A program that this tool started, that writes its output to a file, and that does not outlive it.
final class ChildProcess {
    let process: Int32
    private let name: String
    private let logPath: String
    private var hasEnded = false

    /// Starts a program, given by its path; its output is appended to `logPath`. Call it from the main thread.
    init(name: String, path: String, arguments: [String], logPath: String) throws {
        self.name = name
        self.logPath = logPath
        let log = open(logPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else { throw BenchmarkError.system("create", logPath) }
        defer { close(log) }
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        process = benchmark_spawn(path, &words, log)
        guard process > 0 else { throw BenchmarkError.system("start", path) }
    }

    deinit { kill() }

    /// True as long as the program runs.
    var isRunning: Bool {
        if !hasEnded, waitpid(process, nil, WNOHANG) == process { hasEnded = true }
        return !hasEnded
    }

    /// Ends it at once, as a crash would, and waits until it is gone.
    func kill() {
        guard isRunning else { return }
        Glibc.kill(process, SIGKILL)
        waitpid(process, nil, 0)
        hasEnded = true
    }

    /// Asks it to end and waits; after `seconds` it is killed.
    func terminate(seconds: Double = 20) {
        guard isRunning else { return }
        Glibc.kill(process, SIGTERM)
        let end = monotonicNanoseconds() + UInt64(seconds * 1e9)
        while isRunning && monotonicNanoseconds() < end { usleep(2000) }
        if isRunning { Progress.say("\(name) (\(process)) did not end within \(seconds) s of SIGTERM; killing it") }
        kill()
    }

    /// The end of what it printed, for error messages.
    var lastWords: String {
        let lines = (TextFile.read(logPath) ?? "").split(separator: "\n").suffix(12)
        return lines.isEmpty ? "(it printed nothing)" : lines.map { "    \($0)" }.joined(separator: "\n")
    }
}
