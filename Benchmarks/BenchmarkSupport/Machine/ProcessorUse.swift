import Glibc

/// How busy all processors of the machine were, since it started: who else was at work while something was measured.
package struct ProcessorUse: Sendable, Equatable {
    /// Time that any process or the kernel was running.
    package var busyNanoseconds: UInt64 = 0
    /// Time that this virtual machine wanted to run and was not let.
    package var stolenNanoseconds: UInt64 = 0

    /// Reads /proc/stat; zeros where there is none.
    package static var now: ProcessorUse {
        ProcessorUse(stat: TextFile.read("/proc/stat") ?? "", ticksPerSecond: UInt64(sysconf(Int32(_SC_CLK_TCK))))
    }

    /// Decodes the first line: user, nice, system, idle, waiting, interrupts, soft interrupts, stolen.
    init(stat text: String, ticksPerSecond: UInt64) {
        let fields = text.prefix { $0 != "\n" }.split(separator: " ").dropFirst().map { UInt64($0) ?? 0 }
        guard fields.count >= 8 else { return }
        let tick = 1_000_000_000 / max(1, ticksPerSecond)
        busyNanoseconds = (fields[0] + fields[1] + fields[2] + fields[5] + fields[6]) * tick
        stolenNanoseconds = fields[7] * tick
    }
}
