internal import Checksums
internal import CoreTypes
internal import PosixIO

/// What a segment file says of itself, in its first block and again in its last one.
struct SegmentHeader: Equatable, Sendable {
    /// The place of the segment in the log, from 1; its file is named after it.
    var ordinal: UInt64
    /// Drawn anew for every life of the file: bytes of an earlier life, or of a client, cannot pass for a group.
    var generation: Identifier128
    /// Bytes of the file.
    var segmentByteCount: UInt64
    var clusterID: ClusterID
    var incarnation: Incarnation

    /// Why bytes are no segment header.
    enum Flaw: Error, Equatable {
        case damaged
        /// Whole, and written by a later version of this software.
        case newerVersion(UInt32)
    }

    /// Writes the header to the front of a buffer; the rest of its first block becomes zero.
    func encode(into buffer: AlignedBuffer) {
        buffer.fillWithZeros(0..<Layout.blockByteCount)
        buffer.store(littleEndian: Layout.segmentMagic, at: 0)
        buffer.store(littleEndian: Layout.version, at: 12)
        buffer.store(littleEndian: ordinal, at: 16)
        buffer.store(identifier: generation, at: 24)
        buffer.store(littleEndian: segmentByteCount, at: 40)
        buffer.store(identifier: clusterID.value, at: 48)
        buffer.store(identifier: incarnation.value, at: 64)
        let checksum = crc32c(buffer.bytes(12..<Layout.segmentHeaderByteCount))
        buffer.store(littleEndian: checksum, at: 8)
    }

    init(ordinal: UInt64, generation: Identifier128, segmentByteCount: UInt64, identity: LogIdentity) {
        self.ordinal = ordinal
        self.generation = generation
        self.segmentByteCount = segmentByteCount
        self.clusterID = identity.clusterID
        self.incarnation = identity.incarnation
    }

    /// Reads a header from the front of any bytes.
    init(decoding bytes: RawSpan) throws(Flaw) {
        guard bytes.byteCount >= Layout.segmentHeaderByteCount,
            bytes.uint64(at: 0) == Layout.segmentMagic,
            bytes.uint32(at: 8) == crc32c(bytes.extracting(12..<Layout.segmentHeaderByteCount))
        else { throw .damaged }
        let version = bytes.uint32(at: 12)
        guard version == Layout.version else { throw version > Layout.version ? .newerVersion(version) : .damaged }
        ordinal = bytes.uint64(at: 16)
        generation = bytes.identifier(at: 24)
        segmentByteCount = bytes.uint64(at: 40)
        clusterID = ClusterID(bytes.identifier(at: 48))
        incarnation = Incarnation(bytes.identifier(at: 64))
    }
}

extension AlignedBuffer {
    func store(identifier: Identifier128, at offset: Int) {
        store(littleEndian: identifier.high, at: offset)
        store(littleEndian: identifier.low, at: offset + 8)
    }
}

extension RawSpan {
    func identifier(at offset: Int) -> Identifier128 {
        Identifier128(high: uint64(at: offset), low: uint64(at: offset + 8))
    }
}
