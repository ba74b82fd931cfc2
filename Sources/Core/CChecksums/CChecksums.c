#include "CChecksums.h"

#include <string.h>

// Castagnoli's polynomial, bits reversed.
#define POLYNOMIAL 0x82F63B78u

static uint32_t table[256];

__attribute__((constructor)) static void make_table(void) {
    for (uint32_t index = 0; index < 256; index++) {
        uint32_t crc = index;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) ? POLYNOMIAL : 0);
        table[index] = crc;
    }
}

uint32_t aviary_crc32c_table(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *at = bytes;
    crc = ~crc;
    for (size_t index = 0; index < count; index++) crc = (crc >> 8) ^ table[(crc ^ at[index]) & 0xFF];
    return ~crc;
}

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) static uint32_t crc32c_instruction(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *at = bytes;
    uint64_t state = (uint32_t)~crc;
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        state = __builtin_ia32_crc32di(state, word);
        at += 8;
        count -= 8;
    }
    while (count-- > 0) state = __builtin_ia32_crc32qi((uint32_t)state, *at++);
    return ~(uint32_t)state;
}

uint32_t aviary_crc32c(uint32_t crc, const void *bytes, size_t count) {
    if (__builtin_cpu_supports("sse4.2")) return crc32c_instruction(crc, bytes, count);
    return aviary_crc32c_table(crc, bytes, count);
}

#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)

#include <arm_acle.h>

uint32_t aviary_crc32c(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *at = bytes;
    crc = ~crc;
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        crc = __crc32cd(crc, word);
        at += 8;
        count -= 8;
    }
    while (count-- > 0) crc = __crc32cb(crc, *at++);
    return ~crc;
}

#else

uint32_t aviary_crc32c(uint32_t crc, const void *bytes, size_t count) {
    return aviary_crc32c_table(crc, bytes, count);
}

#endif

// Odd constants with as many ones as zeros; written to disk through every hash, so never to be changed.
#define SALT_A 0x9E3779B97F4A7C15ull
#define SALT_B 0xD1B54A32D192ED03ull
#define SALT_C 0x8CB92BA72F3D8DD7ull

static inline uint64_t fold(uint64_t left, uint64_t right) {
    __uint128_t product = (__uint128_t)left * right;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t word_at(const uint8_t *at) {
    uint64_t word;
    memcpy(&word, at, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static inline uint32_t half_word_at(const uint8_t *at) {
    uint32_t word;
    memcpy(&word, at, 4);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap32(word);
#endif
    return word;
}

// Up to 8 bytes, and zeros. Reads that overlap, since a copy of any count is a call, and its bytes read as words would wait
// for it.
static inline uint64_t short_word_at(const uint8_t *at, size_t count) {
    if (count >= 8) return word_at(at);
    if (count >= 4) return half_word_at(at) | (uint64_t)half_word_at(at + count - 4) << 8 * (count - 4);
    if (count == 0) return 0;
    return at[0] | (uint64_t)at[count / 2] << 8 * (count / 2) | (uint64_t)at[count - 1] << 8 * (count - 1);
}

uint64_t aviary_hash64(uint64_t seed, const void *bytes, size_t count) {
    const uint8_t *at = bytes;
    size_t left = count;
    uint64_t state = fold(seed ^ SALT_A, SALT_B);
    while (left >= 16) {
        state = fold(word_at(at) ^ SALT_B ^ state, word_at(at + 8) ^ SALT_C);
        state ^= SALT_A;
        at += 16;
        left -= 16;
    }
    uint64_t first = short_word_at(at, left < 8 ? left : 8);
    uint64_t second = left <= 8 ? 0 : word_at(at + left - 8) >> 8 * (16 - left);
    state = fold(first ^ SALT_B ^ state, second ^ SALT_C);
    return fold(state ^ count, SALT_A ^ SALT_C);
}
