internal import CoreTypes

/// Goes through the commands of a proposal, front to back, without copying.
///
/// Any bytes are safe: what does not fit throws.
package struct CommandReader: ~Escapable {
    private var reader: ByteReader
    /// The proposal's header.
    package let header: ProposalHeader
    /// Commands not read yet.
    package private(set) var remaining: UInt32

    @_lifetime(copy proposal)
    package init(_ proposal: RawSpan) throws(CommandError) {
        header = try ProposalHeader(proposal)
        reader = ByteReader(proposal)
        remaining = header.commandCount
        do throws(ByteReader.EndOfBytes) {
            _ = try reader.bytes(ProposalHeader.encodedByteCount)
        } catch {
            throw CommandError(.proposalTooShort, offset: error.offset)
        }
    }

    /// Goes through commands from one on that begins at `start`.
    ///
    /// - Parameter count: of the commands from there on; the proposal's header, which may not be stamped yet, is not asked.
    @_lifetime(copy proposal)
    init(_ proposal: RawSpan, from start: Int, count: UInt32) throws(CommandError) {
        header = ProposalHeader(commandCount: count, time: .zero)
        reader = ByteReader(proposal)
        remaining = count
        do throws(ByteReader.EndOfBytes) {
            _ = try reader.bytes(start)
        } catch {
            throw CommandError(.proposalTooShort, offset: error.offset)
        }
    }

    /// Where the next command begins.
    var offset: Int { reader.offset }

    /// One command, where it stands in the proposal.
    package struct Command: Sendable {
        package var header: CommandHeader
        /// Of the proposal's bytes.
        package var identities: Range<Int>
        /// Of the proposal's bytes.
        package var body: Range<Int>
    }

    /// The next command; nil after the last.
    @_lifetime(self: copy self)
    package mutating func next() throws(CommandError) -> Command? {
        let start = reader.offset
        guard remaining > 0 else {
            if reader.remaining > 0 { throw CommandError(.bytesAfterCommands, offset: start) }
            return nil
        }
        remaining -= 1
        let byteCount: Int
        let header: CommandHeader
        let identityByteCount: Int
        do throws(ByteReader.EndOfBytes) {
            byteCount = Int(try reader.integer(UInt32.self))
            header = CommandHeader(
                kind: try reader.integer(), session: SessionID(rawValue: try reader.integer()),
                attachment: AttachmentID(rawValue: try reader.integer()), sequence: try reader.integer())
            identityByteCount = Int(try reader.integer(UInt16.self))
        } catch {
            throw CommandError(.commandTooShort, offset: start)
        }
        let identityStart = reader.offset
        let restByteCount = byteCount - CommandHeader.encodedByteCount
        guard restByteCount >= identityByteCount else { throw CommandError(.commandTooShort, offset: start) }
        do throws(ByteReader.EndOfBytes) {
            _ = try reader.bytes(restByteCount)
        } catch {
            throw CommandError(.commandTooLong(UInt32(byteCount)), offset: start)
        }
        let bodyStart = identityStart + identityByteCount
        return Command(
            header: header, identities: identityStart..<bodyStart, body: bodyStart..<(identityStart + restByteCount))
    }
}
