internal import CoreTypes
internal import PosixIO
internal import SystemPackage

/// Reads a file in large pieces. What the disk does not give reads as zeros and is remembered.
final class SegmentWindow {
    static let usualByteCount = 1_048_576

    private let file: any File
    let byteCount: UInt64
    private var buffer: AlignedBuffer
    private var start: UInt64 = 0
    private var count = 0
    /// Offsets of blocks that the disk reported as unreadable, ascending.
    private(set) var unreadableBlocks: [UInt64] = []

    init(_ file: any File, byteCount: UInt64, pieceByteCount: Int = usualByteCount) {
        self.file = file
        self.byteCount = byteCount
        buffer = AlignedBuffer(byteCount: Int(min(UInt64(pieceByteCount), max(byteCount, 1))))
    }

    /// Brings bytes into memory; false if the file ends before them. They stay until the next call.
    func load(_ offset: UInt64, _ wanted: Int) throws(FileError) -> Bool {
        guard offset <= byteCount, UInt64(wanted) <= byteCount - offset else { return false }
        if offset >= start, offset + UInt64(wanted) <= start + UInt64(count) { return true }
        let aligned = offset / UInt64(Layout.blockByteCount) * UInt64(Layout.blockByteCount)
        let needed = AlignedBuffer.roundUp(Int(offset - aligned) + wanted)
        if needed > buffer.byteCount { buffer = AlignedBuffer(byteCount: needed) }
        start = aligned
        count = Int(min(UInt64(buffer.byteCount), byteCount - aligned))
        do throws(FileError) {
            try read(0..<count)
        } catch {
            guard error.errno == .ioError else { throw error }
            try readBlockwise()
        }
        return true
    }

    /// Loaded bytes.
    @_lifetime(borrow self)
    func bytes(_ offset: UInt64, _ wanted: Int) -> RawSpan {
        let from = Int(offset - start)
        let buffer = self.buffer
        // The buffer lives as long as the window, unless a load replaces it: then these bytes are gone by contract.
        return unsafe _overrideLifetime(buffer.bytes(from..<(from + wanted)), borrowing: self)
    }

    /// Is a block among those that the disk did not give?
    func isUnreadable(_ offset: UInt64) -> Bool {
        unreadableBlocks.contains(offset / UInt64(Layout.blockByteCount) * UInt64(Layout.blockByteCount))
    }

    private func read(_ range: Range<Int>) throws(FileError) {
        let buffer = self.buffer
        var span = buffer.mutableBytes(range)
        let got = try file.read(into: &span, at: start + UInt64(range.lowerBound))
        // A file that became shorter since it was measured reads as zeros from there on.
        if got < range.count { buffer.fillWithZeros((range.lowerBound + got)..<range.upperBound) }
    }

    /// Reads block by block what could not be read at once.
    private func readBlockwise() throws(FileError) {
        var at = 0
        while at < count {
            let range = at..<min(at + Layout.blockByteCount, count)
            do throws(FileError) {
                try read(range)
            } catch {
                guard error.errno == .ioError else { throw error }
                buffer.fillWithZeros(range)
                let offset = start + UInt64(at)
                if unreadableBlocks.last.map({ $0 < offset }) ?? true { unreadableBlocks.append(offset) }
            }
            at = range.upperBound
        }
    }
}
