import ReplicaEngine

/// Why the process ends with an error: what is said of it, and the exit status.
struct StartFailure: Error {
    var status: ExitStatus
    var text: String

    init(_ status: ExitStatus, _ text: String) {
        self.status = status
        self.text = text
    }

    init(_ error: EngineError) { self.init(ExitStatus(error.kind), error.description) }

    /// Says it on standard error, whatever the log's level.
    func say() {
        StandardError.write(line: "aviaryd: \(text)")
    }
}
