import Glibc

/// What a process has used of the machine so far, as the kernel counts it; differences of two looks are what counts.
package struct ProcessUsage: Sendable {
    /// Processor time of all threads, living and ended; the kernel counts in steps of 10 ms.
    package var processorNanoseconds: UInt64 = 0
    package var residentBytes: UInt64 = 0
    package var anonymousBytes: UInt64 = 0
    package var fileBytes: UInt64 = 0
    /// Bytes that the process made the block layer write.
    package var writtenBytes: UInt64 = 0
    /// How often the living threads gave up the processor, by themselves or not: wake-ups, in effect.
    package var switchCount: UInt64 = 0
    /// System calls of the families of `read` and `write`, on files and sockets alike; `recv`, `send` and waiting are
    /// not among them.
    package var readCallCount: UInt64 = 0
    package var writeCallCount: UInt64 = 0

    package init() {}

    /// Reads /proc; nil when the process is gone.
    package init?(process: Int32) {
        let folder = "/proc/\(process)"
        guard let stat = TextFile.read("\(folder)/stat"), let ticks = Self.processorTicks(inStat: stat) else {
            return nil
        }
        processorNanoseconds = ticks * (1_000_000_000 / UInt64(max(1, sysconf(Int32(_SC_CLK_TCK)))))
        let status = TextFile.read("\(folder)/status") ?? ""
        residentBytes = (TextFile.number("VmRSS", in: status) ?? 0) * 1024
        anonymousBytes = (TextFile.number("RssAnon", in: status) ?? 0) * 1024
        fileBytes = (TextFile.number("RssFile", in: status) ?? 0) * 1024
        readTransfers(TextFile.read("\(folder)/io") ?? "")
        for thread in Self.threads(of: folder) {
            let status = TextFile.read("\(folder)/task/\(thread)/status") ?? ""
            switchCount += TextFile.number("voluntary_ctxt_switches", in: status) ?? 0
            switchCount += TextFile.number("nonvoluntary_ctxt_switches", in: status) ?? 0
        }
    }

    /// Takes what /proc/PID/io tells; nothing where it may not be read.
    mutating func readTransfers(_ text: String) {
        writtenBytes = TextFile.number("write_bytes", in: text) ?? 0
        readCallCount = TextFile.number("syscr", in: text) ?? 0
        writeCallCount = TextFile.number("syscw", in: text) ?? 0
    }

    /// The sum over several processes; those that are gone count nothing.
    package init(processes: [Int32]) {
        for process in processes {
            guard let usage = ProcessUsage(process: process) else { continue }
            self = ProcessUsage(
                self, usage, +)
        }
    }

    private init(_ left: ProcessUsage, _ right: ProcessUsage, _ combine: (UInt64, UInt64) -> UInt64) {
        processorNanoseconds = combine(left.processorNanoseconds, right.processorNanoseconds)
        residentBytes = combine(left.residentBytes, right.residentBytes)
        anonymousBytes = combine(left.anonymousBytes, right.anonymousBytes)
        fileBytes = combine(left.fileBytes, right.fileBytes)
        writtenBytes = combine(left.writtenBytes, right.writtenBytes)
        switchCount = combine(left.switchCount, right.switchCount)
        readCallCount = combine(left.readCallCount, right.readCallCount)
        writeCallCount = combine(left.writeCallCount, right.writeCallCount)
    }

    /// What was used between two looks; the memory is that of the later one.
    package func since(_ earlier: ProcessUsage) -> ProcessUsage {
        var difference = ProcessUsage(self, earlier) { $0 >= $1 ? $0 - $1 : 0 }
        difference.residentBytes = residentBytes
        difference.anonymousBytes = anonymousBytes
        difference.fileBytes = fileBytes
        return difference
    }

    /// This process.
    package static var own: ProcessUsage { ProcessUsage(process: getpid()) ?? ProcessUsage() }

    /// User and system time of /proc/PID/stat. The name in parentheses may hold spaces and parentheses itself, so
    /// fields are counted from the last `)`.
    static func processorTicks(inStat text: String) -> UInt64? {
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = UInt64(fields[11]), let system = UInt64(fields[12]) else { return nil }
        return user + system
    }

    private static func threads(of folder: String) -> [String] {
        guard let directory = opendir("\(folder)/task") else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.first?.isNumber == true { names.append(name) }
        }
        return names
    }
}
