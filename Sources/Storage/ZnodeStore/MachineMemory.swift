internal import PosixIO
internal import SystemPackage

/// How much memory the machine has, as far as it tells.
enum MachineMemory {
    /// Bytes; nil where the system does not say.
    static let byteCount: Int? = {
        guard let bytes = try? RealFileSystem().readStream("/proc/meminfo", byteCountMax: 4_096) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("MemTotal:") }) else { return nil }
        let digits = line.drop { !$0.isNumber }.prefix { $0.isNumber }
        return Int(digits).map { $0 * 1_024 }
    }()
}
