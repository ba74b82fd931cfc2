internal import CChecksums

/// CRC-32C (Castagnoli) of a span, by the processor's instruction where it has one.
///
/// `crc32c(b, continuing: crc32c(a))` equals the checksum of `a` followed by `b`. What the log, the store's files and
/// snapshots carry on disk.
package func crc32c(_ bytes: RawSpan, continuing checksum: UInt32 = 0) -> UInt32 {
    unsafe bytes.withUnsafeBytes { unsafe aviary_crc32c(checksum, $0.baseAddress, $0.count) }
}

/// CRC-32C from a table: what `crc32c` is tested against.
package func crc32cFromTable(_ bytes: RawSpan, continuing checksum: UInt32 = 0) -> UInt32 {
    unsafe bytes.withUnsafeBytes { unsafe aviary_crc32c_table(checksum, $0.baseAddress, $0.count) }
}

/// A 64-bit hash of a span under a seed, equal on every machine and for ever: it is written to disk.
///
/// Checksum of the store's rows and summand of the tree's digest. Not for adversaries: its constants are public.
package func hash64(_ bytes: RawSpan, seed: UInt64 = 0) -> UInt64 {
    unsafe bytes.withUnsafeBytes { unsafe aviary_hash64(seed, $0.baseAddress, $0.count) }
}
