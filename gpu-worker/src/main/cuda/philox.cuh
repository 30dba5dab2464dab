// Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
#pragma once
#include "dialect.cuh"

// 53 random bits, at the upper end of 64, for the token at `position` of a sequence with that seed.
DEVICE uint64_t random_bits(uint32_t seed_low, uint32_t seed_high, int position) {
    uint32_t c0 = position, c1 = 0, c2 = 0, c3 = 0;
    uint32_t key0 = seed_low, key1 = seed_high;
    for (int round = 0; round < 10; round++) {
        uint64_t product0 = (uint64_t)0xD2511F53u * c0;
        uint64_t product1 = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(product1 >> 32) ^ c1 ^ key0;
        c1 = (uint32_t)product1;
        c2 = (uint32_t)(product0 >> 32) ^ c3 ^ key1;
        c3 = (uint32_t)product0;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    return ((uint64_t)c0 << 32 | c1) & ~(uint64_t)0x7ff;
}
