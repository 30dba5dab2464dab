// How weights lie on the device. A tile is 16 rows by a unit of 32 columns; of it lane l = 4g + t holds four words of
// four columns each, which are its A fragment of mma.m16n8k32:
//   word 0: row g, columns 4t..4t+3      word 2: row g, columns 16+4t..16+4t+3
//   word 1: row g + 8, the same          word 3: row g + 8, the same
// Tiles stand by 16 rows, then by columns; rows and units that are missing to whole ones are 0. Up to three planes:
//   low     8 bits: [tile][32] uint4, the words of a lane. Fewer bits: [pair of units][32] uint4, the first unit in the
//           low halves of the bytes, the second in the high ones.
//   high    fifth bits: [pair][32] u32, bit i (first unit) or 4 + i (second) of byte b belongs to byte b of word i.
//           Bits five and six: [pair][32] uint2, a unit each, bits 2i and 2i + 1 of byte b belong to byte b of word i.
//   scales  [tile][g][row g, row g + 8] of f16, or of two: scale and minimum. K types have records by 256 columns:
//           first this, then [g][unit] of four bytes, for row g and for row g + 8 either scale and minimum, u8, or the
//           scales of the columns 0..15 and 16..31, i8.
// The planes of F16 and BF16 are [tile][2][32] of 16 bytes, F32's [tile][4][32], the words in their order, but of whole
// numbers: half h of F16 has word 2h, then word 2h + 1.
#pragma once
#include "dialect.cuh"

enum { TILE_ROWS = 16, UNIT_COLUMNS = 32, SUPERBLOCK_UNITS = 8 };

struct Weights {
    const uint8_t *low;
    const uint8_t *high;
    const uint8_t *scales;
    int units;

    DEVICE int pairs() const { return (units + 1) / 2; }
    DEVICE size_t tile(int tile_row, int unit) const { return static_cast<size_t>(tile_row) * units + unit; }
    DEVICE size_t pair(int tile_row, int pair) const { return static_cast<size_t>(tile_row) * pairs() + pair; }
    DEVICE size_t superblock(int tile_row, int block) const {
        return static_cast<size_t>(tile_row) * (units / SUPERBLOCK_UNITS) + block;
    }
};

struct Fragment {
    uint32_t word[4];
};

DEVICE float half_bits(uint32_t bits) { return __half2float(__ushort_as_half(static_cast<unsigned short>(bits))); }

// Takes `zero` from each of four bytes below 64, which have a sign then.
template <int zero> DEVICE uint32_t minus_zero(uint32_t quants) {
    if (zero == 0) return quants;
    return ((quants | 0x80808080u) - zero * 0x01010101u) ^ 0x80808080u;
}

// How quants are read: from global memory once, or from where they were copied to.
struct FromGlobal {
    template <class T> DEVICE static T load(const T *at) { return load_once(at); }
};
struct FromShared {
    template <class T> DEVICE static T load(const T *at) { return *at; }
};

// Quants of 8 bits with a sign, of two units.
struct BytePair {
    // Of a tile row's pair in the planes; those of a missing unit are not there.
    enum { LOW_BYTES = 1024, LOW_BYTES_OF_ONE = 512, HIGH_BYTES = 0 };
    uint4 unit[2];

    DEVICE BytePair() {}

    DEVICE BytePair(const Weights &weights, int tile_row, int pair, int lane)
        : BytePair(FromGlobal(), low_of(weights, tile_row, pair), nullptr, 2 * pair + 1 < weights.units, lane) {}

    // From where the pair is.
    template <class From> DEVICE BytePair(From, const uint8_t *low, const uint8_t *, bool two, int lane) {
        const uint4 *tiles = reinterpret_cast<const uint4 *>(low);
        unit[0] = From::load(tiles + lane);
        // A missing unit is not looked at.
        unit[1] = unit[0];
        if (two) unit[1] = From::load(tiles + 32 + lane);
    }

    // Where a pair is in the planes.
    DEVICE static const uint8_t *low_of(const Weights &weights, int tile_row, int pair) {
        return weights.low + weights.tile(tile_row, 2 * pair) * LOW_BYTES_OF_ONE;
    }

    DEVICE static const uint8_t *high_of(const Weights &, int, int) { return nullptr; }

    DEVICE Fragment fragment(int odd) const {
        return Fragment{{unit[odd].x, unit[odd].y, unit[odd].z, unit[odd].w}};
    }
};

// Quants of 4 and `upper` bits less `zero`, of two units.
template <int upper, int zero> struct NibblePair {
    enum { LOW_BYTES = 512, LOW_BYTES_OF_ONE = 512, HIGH_BYTES = 128 * upper };
    uint4 low;
    uint32_t high[2];

    DEVICE NibblePair() {}

    DEVICE NibblePair(const Weights &weights, int tile_row, int pair, int lane)
        : NibblePair(FromGlobal(), low_of(weights, tile_row, pair), high_of(weights, tile_row, pair), true, lane) {}

    template <class From> DEVICE NibblePair(From, const uint8_t *low_bytes, const uint8_t *high_bytes, bool, int lane) {
        low = From::load(reinterpret_cast<const uint4 *>(low_bytes) + lane);
        high[0] = high[1] = 0;
        if (upper == 1) high[0] = From::load(reinterpret_cast<const uint32_t *>(high_bytes) + lane);
        if (upper == 2) {
            const uint2 both = From::load(reinterpret_cast<const uint2 *>(high_bytes) + lane);
            high[0] = both.x;
            high[1] = both.y;
        }
    }

    DEVICE static const uint8_t *low_of(const Weights &weights, int tile_row, int pair) {
        return weights.low + weights.pair(tile_row, pair) * LOW_BYTES;
    }

    DEVICE static const uint8_t *high_of(const Weights &weights, int tile_row, int pair) {
        return weights.high + weights.pair(tile_row, pair) * HIGH_BYTES;
    }

    DEVICE Fragment fragment(int odd) const {
        return Fragment{{word(low.x, odd, 0), word(low.y, odd, 1), word(low.z, odd, 2), word(low.w, odd, 3)}};
    }

  private:
    DEVICE uint32_t word(uint32_t nibbles, int odd, int i) const {
        uint32_t quants = nibbles >> 4 * odd & 0x0f0f0f0fu;
        if (upper == 1) quants |= (high[0] >> (4 * odd + i) & 0x01010101u) << 4;
        if (upper == 2) quants |= (high[odd] >> 2 * i & 0x03030303u) << 4;
        return minus_zero<zero>(quants);
    }
};

// Scale and minimum of rows g and g + 8.
struct RowScales {
    float scale[2];
    float minimum[2];
};

template <bool minimums> DEVICE RowScales row_scales(const void *scales, int g) {
    if (minimums) {
        const uint2 both = static_cast<const uint2 *>(scales)[g];
        return RowScales{{half_bits(both.x), half_bits(both.y)}, {half_bits(both.x >> 16), half_bits(both.y >> 16)}};
    }
    const uint32_t both = static_cast<const uint32_t *>(scales)[g];
    return RowScales{{half_bits(both), half_bits(both >> 16)}, {0.0f, 0.0f}};
}

// A type with blocks of 32 columns: scale * quant + minimum.
template <class Quants, bool minimums> struct BlockType {
    typedef Quants Pair;
    enum { IS_SUPERBLOCK = 0, HAS_MINIMUMS = minimums, SCALE_BYTES = minimums ? 64 : 32 };

    DEVICE static RowScales scales(const Weights &weights, int tile_row, int unit, int g) {
        return row_scales<minimums>(weights.scales + weights.tile(tile_row, unit) * SCALE_BYTES, g);
    }

    // What column byte `b` of the words is, for one value of them.
    DEVICE static float value(const Weights &weights, int tile_row, int unit, int g, int row, int, int quant) {
        const RowScales own = scales(weights, tile_row, unit, g);
        const float product = own.scale[row] * static_cast<float>(quant);
        return minimums ? product + own.minimum[row] : product;
    }
};

// A type with superblocks of 256 columns: scale * own scale * quant - minimum * own minimum, or with own scales for
// each 16 columns.
template <class Quants, bool minimums> struct SuperblockType {
    typedef Quants Pair;
    enum { IS_SUPERBLOCK = 1, HAS_MINIMUMS = minimums, HEADER_BYTES = minimums ? 64 : 32, RECORD_BYTES = HEADER_BYTES + 256 };

    DEVICE static const uint8_t *record(const Weights &weights, int tile_row, int block) {
        return weights.scales + weights.superblock(tile_row, block) * RECORD_BYTES;
    }

    DEVICE static RowScales scales(const uint8_t *record, int g) { return row_scales<minimums>(record, g); }

    // [unit] of a superblock, aligned to 16 bytes.
    DEVICE static const uint32_t *unit_scales(const uint8_t *record, int g) {
        return reinterpret_cast<const uint32_t *>(record + HEADER_BYTES) + SUPERBLOCK_UNITS * g;
    }

    // The scale of half `half` of the columns.
    DEVICE static int unit_scale(uint32_t four, int row, int half) {
        return minimums ? static_cast<int>(four >> 16 * row & 0xff) : static_cast<int8_t>(four >> (16 * row + 8 * half));
    }

    DEVICE static int unit_minimum(uint32_t four, int row) { return static_cast<int>(four >> (16 * row + 8) & 0xff); }

    DEVICE static float value(const Weights &weights, int tile_row, int unit, int g, int row, int half, int quant) {
        const uint8_t *block = record(weights, tile_row, unit / SUPERBLOCK_UNITS);
        const RowScales own = scales(block, g);
        const uint32_t four = unit_scales(block, g)[unit % SUPERBLOCK_UNITS];
        const float scale = own.scale[row] * static_cast<float>(unit_scale(four, row, half));
        const float product = scale * static_cast<float>(quant);
        if (!minimums) return product;
        return product - own.minimum[row] * static_cast<float>(unit_minimum(four, row));
    }
};

typedef BlockType<BytePair, false> Q8_0;
typedef BlockType<NibblePair<0, 8>, false> Q4_0;
typedef BlockType<NibblePair<0, 0>, true> Q4_1;
typedef BlockType<NibblePair<1, 16>, false> Q5_0;
typedef BlockType<NibblePair<1, 0>, true> Q5_1;
typedef SuperblockType<NibblePair<0, 0>, true> Q4_K;
typedef SuperblockType<NibblePair<1, 0>, true> Q5_K;
typedef SuperblockType<NibblePair<2, 32>, false> Q6_K;

// Four neighbouring values of rows g and g + 8, from column 16 half + 4t of a unit on.
struct RowValues {
    float row[2][4];
};

template <bool brain> struct ShortType {
    DEVICE static float value(uint32_t bits) {
        return brain ? __uint_as_float(bits << 16) : half_bits(bits & 0xffff);
    }

    DEVICE static RowValues values(const Weights &weights, int tile_row, int unit, int half, int lane) {
        const uint4 four = reinterpret_cast<const uint4 *>(weights.low)[(weights.tile(tile_row, unit) * 2 + half) * 32 + lane];
        return RowValues{{{value(four.x), value(four.x >> 16), value(four.y), value(four.y >> 16)},
                          {value(four.z), value(four.z >> 16), value(four.w), value(four.w >> 16)}}};
    }
};

struct F32 {
    DEVICE static RowValues values(const Weights &weights, int tile_row, int unit, int half, int lane) {
        const float4 *words = reinterpret_cast<const float4 *>(weights.low) + weights.tile(tile_row, unit) * 128;
        const float4 first = words[2 * half * 32 + lane], second = words[(2 * half + 1) * 32 + lane];
        return RowValues{{{first.x, first.y, first.z, first.w}, {second.x, second.y, second.z, second.w}}};
    }
};

typedef ShortType<false> F16;
typedef ShortType<true> BF16;
