#ifndef AVIARY_CCHECKSUMS_H
#define AVIARY_CCHECKSUMS_H

#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli) of `count` bytes, continued from `crc`, with the processor's instruction where it has one.
uint32_t aviary_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The same from a table, for processors without the instruction and for tests.
uint32_t aviary_crc32c_table(uint32_t crc, const void *bytes, size_t count);

/// A 64-bit hash of `count` bytes by multiply-and-fold, equal on every machine for ever: it is written to disk.
uint64_t aviary_hash64(uint64_t seed, const void *bytes, size_t count);

#endif
