internal import SystemPackage

/// How much of this process is in memory, as Linux counts it.
package struct ResidentMemory: Equatable, Sendable {
    /// All of it (`VmRSS`).
    package var byteCount: UInt64
    /// What belongs to this process alone: heap and stacks (`RssAnon`).
    package var anonymousByteCount: UInt64
    /// Pages of mapped files, which the system takes back when it needs them (`RssFile`).
    package var fileByteCount: UInt64

    /// Reads it now.
    package static func read(_ fileSystem: RealFileSystem = RealFileSystem()) throws(FileError) -> ResidentMemory {
        let bytes = try fileSystem.readStream("/proc/self/status", byteCountMax: 65_536)
        return ResidentMemory(status: String(decoding: bytes, as: UTF8.self))
    }

    /// Takes the figures out of the text of `/proc/self/status`; a line that is missing counts as 0.
    package init(status: String) {
        func figure(_ name: String) -> UInt64 {
            for line in status.split(separator: "\n") where line.hasPrefix(name + ":") {
                let digits = line.drop { !$0.isNumber }.prefix { $0.isNumber }
                return (UInt64(digits) ?? 0) * 1024
            }
            return 0
        }
        byteCount = figure("VmRSS")
        anonymousByteCount = figure("RssAnon")
        fileByteCount = figure("RssFile")
    }
}
