import Checksums

/// CRC-32C of an array.
func checksum(_ bytes: [UInt8]) -> UInt32 { crc32c(bytes.span.bytes) }
