// How keys and values stand in the KV cache of a layer: `[block][KV head][keys, values][16 tokens][row]`. A row is the
// head's values padded with zeros, so that each is a multiple of 16 bytes:
//   f32   `[D, padded to 8]`
//   f16   `[D, padded to 8]`, zero or normal
//   q8_0  `[D, padded to 32] i8`; behind the 16 rows their scales `[16][D / 32] f16`, one for 32 neighbouring values
// The same numbers as on the CPU: FloatKv.java, HalfKv.java, ByteKv.java.
#pragma once
#include "step.cuh"

enum { KV_GROUP = 32 };

DEVICE int round_up(int value, int multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

struct FloatKv {
    static DEVICE int padded(int headSize) { return round_up(headSize, 8); }
    static DEVICE size_t bytes(int headSize) { return (size_t)BLOCK_TOKENS * 4 * padded(headSize); }

    // Eight values of a token from `at` on, a multiple of 8, as they stand there.
    struct Eight {
        float4 low, high;
    };
    // How many eights a thread fetches before it uses the first of them.
    enum { AHEAD = 2 };

    static DEVICE Eight fetch(const char *block, int token, int headSize, int at) {
        const float4 *from = (const float4 *)(block + 4 * ((size_t)token * padded(headSize) + at));
        return Eight{from[0], from[1]};
    }

    static DEVICE void unpack(const Eight &from, float to[8]) {
        to[0] = from.low.x;
        to[1] = from.low.y;
        to[2] = from.low.z;
        to[3] = from.low.w;
        to[4] = from.high.x;
        to[5] = from.high.y;
        to[6] = from.high.z;
        to[7] = from.high.w;
    }
};

struct HalfKv {
    static DEVICE int padded(int headSize) { return round_up(headSize, 8); }
    static DEVICE size_t bytes(int headSize) { return (size_t)BLOCK_TOKENS * 2 * padded(headSize); }

    static DEVICE float widen(uint32_t bits) { return __half2float(__ushort_as_half((uint16_t)bits)); }

    typedef uint4 Eight;
    enum { AHEAD = 4 };

    static DEVICE Eight fetch(const char *block, int token, int headSize, int at) {
        return *(const uint4 *)(block + 2 * ((size_t)token * padded(headSize) + at));
    }

    static DEVICE void unpack(const Eight &from, float to[8]) {
        to[0] = widen(from.x & 0xffff);
        to[1] = widen(from.x >> 16);
        to[2] = widen(from.y & 0xffff);
        to[3] = widen(from.y >> 16);
        to[4] = widen(from.z & 0xffff);
        to[5] = widen(from.z >> 16);
        to[6] = widen(from.w & 0xffff);
        to[7] = widen(from.w >> 16);
    }
};

struct ByteKv {
    static DEVICE int padded(int headSize) { return round_up(headSize, KV_GROUP); }
    static DEVICE size_t bytes(int headSize) {
        int width = padded(headSize);
        return (size_t)BLOCK_TOKENS * (width + 2 * (width / KV_GROUP));
    }

    static DEVICE uint16_t *scales(const char *block, int token, int headSize) {
        int width = padded(headSize);
        return (uint16_t *)(block + (size_t)BLOCK_TOKENS * width) + token * (width / KV_GROUP);
    }

    struct Eight {
        uint2 quants;
        uint16_t scale;
    };
    enum { AHEAD = 4 };

    static DEVICE Eight fetch(const char *block, int token, int headSize, int at) {
        const uint2 quants = *(const uint2 *)(block + (size_t)token * padded(headSize) + at);
        return Eight{quants, scales(block, token, headSize)[at / KV_GROUP]};
    }

    // The product of a byte and a half is exact.
    static DEVICE void unpack(const Eight &from, float to[8]) {
        float factor = HalfKv::widen(from.scale);
        for (int i = 0; i < 4; i++) {
            to[i] = factor * (float)(int8_t)(from.quants.x >> 8 * i);
            to[i + 4] = factor * (float)(int8_t)(from.quants.y >> 8 * i);
        }
    }
};

// The keys (part 0) or values (part 1) of a block and KV head.
template <class Format>
DEVICE size_t kv_offset(int block, int head, int part, int kvHeads, int headSize) {
    return (((size_t)block * kvHeads + head) * 2 + part) * Format::bytes(headSize);
}
