internal import Checksums
package import CoreTypes

/// Who a data directory is: written once, when the directory is made, and checked against log, store and snapshots.
///
/// A file of text, so that a person can read it: one `name value` a line, the last of them the CRC-32C of those before.
package struct DirectoryIdentity: Equatable, Sendable {
    /// The version of the directory's layout that this code writes, and the newest it reads.
    package static let formatVersion = 1
    /// A longer file is not an identity.
    static let byteCountMax = 4_096

    package var cluster: ClusterID
    package var incarnation: Incarnation
    package var replica: ReplicaID

    /// The file's bytes.
    var text: String {
        let body = """
            aviary-directory \(Self.formatVersion)
            cluster \(cluster.value)
            incarnation \(incarnation.value)
            replica \(replica.rawValue)

            """
        return body + "crc32c \(Self.checksum(body))\n"
    }

    init(cluster: ClusterID, incarnation: Incarnation, replica: ReplicaID) {
        self.cluster = cluster
        self.incarnation = incarnation
        self.replica = replica
    }

    /// Reads what `text` writes.
    ///
    /// - Parameter file: the file's name, for the text of an error.
    init(_ text: String, file: String) throws(EngineError) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let version = lines.first.flatMap { Self.value("aviary-directory", $0) }.flatMap { Int($0) }
        guard let version else {
            throw EngineError(
                .damaged,
                "\(file): not the identity of a data directory: the first line should be \"aviary-directory 1\"; restore "
                    + "the file from a backup")
        }
        guard version <= Self.formatVersion else {
            throw EngineError(
                .newerVersion,
                "\(file): the directory has layout version \(version) and this program reads up to "
                    + "\(Self.formatVersion): use the newer version that made it")
        }
        guard lines.count >= 5, let cluster = Self.value("cluster", lines[1]).flatMap({ Identifier128($0) }),
            let incarnation = Self.value("incarnation", lines[2]).flatMap({ Identifier128($0) }),
            let replica = Self.value("replica", lines[3]).flatMap({ UInt8($0) }),
            let checksum = Self.value("crc32c", lines[4])
        else {
            throw EngineError(.damaged, "\(file): a line is missing or not readable; restore the file from a backup")
        }
        let body = lines[0..<4].map { $0 + "\n" }.joined()
        guard checksum == Self.checksum(body) else {
            throw EngineError(
                .damaged,
                "\(file): the checksum in its last line is not that of the lines before it; restore the file from a backup"
            )
        }
        self.init(
            cluster: ClusterID(cluster), incarnation: Incarnation(incarnation), replica: ReplicaID(rawValue: replica))
    }

    private static func value(_ name: String, _ line: String) -> String? {
        guard line.hasPrefix(name + " ") else { return nil }
        return String(line.dropFirst(name.count + 1))
    }

    private static func checksum(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let digits = unsafe String(crc32c(bytes.span.bytes), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
