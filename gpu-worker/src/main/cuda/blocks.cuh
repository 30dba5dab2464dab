// Quants and scales as they stand in a file, row by row; see SimpleBlocks.java and SuperBlocks.java. Blocks have an
// even number of bytes, so two of them are read at once at most.
#pragma once
#include "units.cuh"

DEVICE uint32_t raw_half(const uint8_t *at) { return *reinterpret_cast<const uint16_t *>(at); }

// Blocks of `block_bytes` for 32 columns; the bits of a unit's columns, `nibbles` behind the block's begin.
template <int bytes, int nibbles, int fifths> struct RawNibbles {
    enum { BLOCK_BYTES = bytes, BLOCK_UNITS = 1, LOW_BITS = 4, UPPER_BITS = fifths > 0 ? 1 : 0 };

    DEVICE static int quant(const uint8_t *block, int, int column) {
        const int low = block[nibbles + column % 16] >> column / 16 * 4 & 15;
        return fifths > 0 ? low | (block[fifths + column / 8] >> column % 8 & 1) << 4 : low;
    }
};

struct RawQ8_0 {
    enum { BLOCK_BYTES = 34, BLOCK_UNITS = 1, LOW_BITS = 8, UPPER_BITS = 0, HALVES = 1 };
    DEVICE static int quant(const uint8_t *block, int, int column) { return block[2 + column]; }
};
struct RawQ4_0 : RawNibbles<18, 2, 0> {
    enum { HALVES = 1 };
};
struct RawQ4_1 : RawNibbles<20, 4, 0> {
    enum { HALVES = 2 };
};
struct RawQ5_0 : RawNibbles<22, 6, 2> {
    enum { HALVES = 1 };
};
struct RawQ5_1 : RawNibbles<24, 8, 4> {
    enum { HALVES = 2 };
};

// Q4_K without, Q5_K with fifth bits.
template <bool fifths> struct RawK {
    enum { BLOCK_BYTES = fifths ? 176 : 144, BLOCK_UNITS = 8, LOW_BITS = 4, UPPER_BITS = fifths ? 1 : 0, HALVES = 2 };
    enum { SCALES = 4, FIFTHS = 16, NIBBLES = fifths ? 48 : 16 };

    DEVICE static int quant(const uint8_t *block, int unit, int column) {
        const int low = block[NIBBLES + unit / 2 * 32 + column] >> unit % 2 * 4 & 15;
        return fifths ? low | (block[FIFTHS + column] >> unit & 1) << 4 : low;
    }

    DEVICE static const uint8_t *scale_halves(const uint8_t *block) { return block; }

    // Scale, then minimum.
    DEVICE static uint32_t unit_scales(const uint8_t *block, int unit) {
        const uint8_t *packed = block + SCALES;
        if (unit < 4) return (packed[unit] & 63) | (packed[unit + 4] & 63) << 8;
        const uint32_t scale = (packed[unit + 4] & 15) | packed[unit - 4] >> 6 << 4;
        const uint32_t minimum = packed[unit + 4] >> 4 | packed[unit] >> 6 << 4;
        return scale | minimum << 8;
    }
};

struct RawQ6_K {
    enum { BLOCK_BYTES = 210, BLOCK_UNITS = 8, LOW_BITS = 4, UPPER_BITS = 2, HALVES = 1 };
    enum { UPPER = 128, SCALES = 192, SCALE = 208 };

    DEVICE static int quant(const uint8_t *block, int unit, int column) {
        const int side = unit / 4, run = unit % 4;
        const int low = block[side * 64 + run % 2 * 32 + column] >> run / 2 * 4 & 15;
        return low | (block[UPPER + side * 32 + column] >> 2 * run & 3) << 4;
    }

    DEVICE static const uint8_t *scale_halves(const uint8_t *block) { return block + SCALE; }

    DEVICE static uint32_t unit_scales(const uint8_t *block, int unit) { return raw_half(block + SCALES + 2 * unit); }
};
