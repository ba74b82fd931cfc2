package import CoreTypes

/// The beginning of a proposal, 16 bytes:
///
/// ```
/// 0  u16 state machine version   which semantics the commands are executed by
/// 2  u16 flags                   0
/// 4  u32 command count
/// 8  i64 time                    the leader's stamp, milliseconds since 1970
/// 16 commands
/// ```
package struct ProposalHeader: Equatable, Sendable {
    package static let encodedByteCount = 16
    /// The version that this code writes, and the newest it executes.
    package static let stateMachineVersion: UInt16 = 1

    package var version: UInt16
    package var commandCount: UInt32
    package var time: WallClockTime

    package init(commandCount: UInt32, time: WallClockTime, version: UInt16 = ProposalHeader.stateMachineVersion) {
        self.version = version
        self.commandCount = commandCount
        self.time = time
    }

    /// Appends it.
    package func append(to bytes: ByteBuilder) {
        bytes.append(littleEndian: version)
        bytes.append(littleEndian: UInt16(0))
        bytes.append(littleEndian: commandCount)
        bytes.append(littleEndian: time.rawValue)
    }

    /// Writes it over the one that a proposal begins with.
    package func overwrite(_ bytes: ByteBuilder) {
        bytes.overwrite(at: 0, littleEndian: version)
        bytes.overwrite(at: 4, littleEndian: commandCount)
        bytes.overwrite(at: 8, littleEndian: time.rawValue)
    }

    /// Reads it.
    package init(_ proposal: RawSpan) throws(CommandError) {
        var reader = ByteReader(proposal)
        do throws(ByteReader.EndOfBytes) {
            version = try reader.integer()
            _ = try reader.integer(UInt16.self)
            commandCount = try reader.integer()
            time = WallClockTime(rawValue: try reader.integer())
        } catch {
            throw CommandError(.proposalTooShort, offset: error.offset)
        }
        guard version == ProposalHeader.stateMachineVersion else {
            throw CommandError(.unknownVersion(version), offset: 0)
        }
    }
}
