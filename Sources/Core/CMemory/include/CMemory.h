#ifndef AVIARY_CMEMORY_H
#define AVIARY_CMEMORY_H

/// Asks the processor to bring the line of memory at an address nearer, and goes on. Any address will do: none faults.
static inline void aviary_approach(const void *address) { __builtin_prefetch(address); }

/// The same, for memory that will be changed: it is taken from the other processors at once.
static inline void aviary_approach_to_change(const void *address) {
#if defined(__x86_64__)
    // Every 64-bit processor takes the instruction; compilers write it only for those that they are told of.
    __asm__ volatile("prefetchw (%0)" : : "r"(address));
#else
    __builtin_prefetch(address, 1);
#endif
}

#endif
