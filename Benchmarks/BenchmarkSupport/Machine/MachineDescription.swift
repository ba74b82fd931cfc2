internal import CBenchmark
import Glibc

/// What the figures were measured on, in lines to be printed above them: a figure without them says nothing.
package struct MachineDescription: Sendable {
    package var processor: String
    package var processorCount: Int
    package var memoryBytes: UInt64
    package var kernel: String
    package var isVirtual: Bool
    /// The file system under the scratch directory: device, type, options.
    package var mount: String
    /// What the kernel believes about the device's write cache.
    package var writeCache: String
    package var clockSource: String
    /// The device's name, `vda1` for example; empty when there is none.
    private let device: String

    /// - Parameter directory: where the data of the run will lie, as an absolute path.
    package init(directory: String) {
        let information = TextFile.read("/proc/cpuinfo") ?? ""
        processor = Self.value(of: "model name", in: information) ?? "unknown processor"
        processorCount = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        isVirtual = information.contains(" hypervisor")
        memoryBytes = (TextFile.number("MemTotal", in: TextFile.read("/proc/meminfo") ?? "") ?? 0) * 1024
        kernel = (TextFile.read("/proc/sys/kernel/osrelease") ?? "?").filter { $0 != "\n" }
        let clock = TextFile.read("/sys/devices/system/clocksource/clocksource0/current_clocksource") ?? "?"
        clockSource = clock.filter { $0 != "\n" }
        let found = Self.findMount(of: directory, in: TextFile.read("/proc/self/mounts") ?? "")
        mount = found ?? "unknown file system"
        device = found?.split(separator: " ").first?.split(separator: "/").last.map(String.init) ?? ""
        let base = String(device.reversed().drop { $0.isNumber }.reversed())
        let cache =
            TextFile.read("/sys/block/\(device)/queue/write_cache")
            ?? TextFile.read(
                "/sys/block/\(base)/queue/write_cache")
        writeCache = cache?.filter { $0 != "\n" } ?? "unknown"
    }

    /// True for a file system that keeps nothing: durable writes to it mean nothing.
    package static func isMemory(_ directory: String) -> Bool {
        let temporary: UInt64 = 0x0102_1994
        let memory: UInt64 = 0x8584_58f6
        let kind = benchmark_file_system_kind(directory)
        return kind == temporary || kind == memory
    }

    /// Bytes that the device was made to write since it was found, by anybody; nil when it keeps no count.
    ///
    /// What a process is charged with in /proc is no measure for files written through the page cache: a write of 4
    /// KiB is charged with the whole folio that it falls into.
    package func writtenBytes() -> UInt64? {
        guard let text = TextFile.read("/sys/class/block/\(device)/stat") else { return nil }
        let fields = text.split { $0 == " " || $0 == "\n" }
        return fields.count > 6 ? UInt64(fields[6]).map { $0 * 512 } : nil
    }

    private static func value(of key: String, in text: String) -> String? {
        for line in text.split(separator: "\n") where line.hasPrefix(key) {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        return nil
    }

    /// The mount with the longest path that `directory` lies under: device, type and options.
    static func findMount(of directory: String, in mounts: String) -> String? {
        var best: (path: Substring, text: String)?
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 4 else { continue }
            let path = fields[1]
            let isAbove = path == "/" || directory == path || directory.hasPrefix(path + "/")
            guard isAbove, path.count >= best?.path.count ?? 0 else { continue }
            best = (path, "\(fields[0]) \(fields[2]) (\(fields[3]))")
        }
        return best?.text
    }

    package var lines: [String] {
        [
            "\(processorCount) x \(processor)\(isVirtual ? " (virtual)" : ""), \(memoryBytes >> 30) GiB, Linux \(kernel),"
                + " clock \(clockSource)",
            "disk: \(mount), write cache as the kernel sees it: \(writeCache)",
        ]
    }
}
