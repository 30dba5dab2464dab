// Products of tiles of 16 rows with 8 tokens each on tensor cores. Bits are those of project_quantized.cu: the products
// of a unit are whole numbers, which add up to the same in any order, and what is done with them in f32 is the same.
//
// What a warp holds is that of mma.m16n8k32: lane 4g + t has the sums of rows g and g + 8 for the tokens 2t and 2t + 1 of
// each tile, in the order (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1), and loads x of token g.
//
// `Tokens`, which the functions take, is where a warp finds its rounded rows. Of tile n, and of what stands at `unit`
// there: words(n, unit) of token g, scales(n, unit) and sums(n, unit) of the tokens 2t and 2t + 1, and
// split_sums(n, unit) of the units 2t and 2t + 1 of a superblock that begins at `unit`, of token g.
#pragma once
#include "units.cuh"

enum { MMA_TOKENS = 8 };

// A pair of units of a tile row as it comes from memory, of a type with blocks.
template <class Type> struct BlockTile {
    typename Type::Pair quants;
    RowScales scales[2];

    DEVICE BlockTile() {}

    // `scales` of both units one after the other.
    template <class From>
    DEVICE BlockTile(From from, const uint8_t *low, const uint8_t *high, const uint8_t *own_scales, bool two, int lane)
        : quants(from, low, high, two, lane) {
        scales[0] = row_scales<Type::HAS_MINIMUMS>(own_scales, lane / 4);
        scales[1] = scales[0];
        if (two) scales[1] = row_scales<Type::HAS_MINIMUMS>(own_scales + Type::SCALE_BYTES, lane / 4);
    }
};

// 1.5 * 2^23: whole numbers below 2^22 that are added to its bits are numbers that are added to it. Sums that begin with
// it are f32 without being converted. A unit's products are at most 32 * 128 * 127, a superblock's minimums times sums at
// most 256 * 63 * 127.
#define WHOLE_BITS 0x4b400000
#define WHOLE_START 12582912.0f

// Adds unit `odd` of a pair, which is at `unit` of the tokens.
template <class Type, int WIDE, class Tokens>
DEVICE void add_unit(const BlockTile<Type> &tile, int odd, const Tokens &x, int unit, float (&total)[WIDE][4]) {
    const Fragment fragment = tile.quants.fragment(odd);
    const RowScales own = tile.scales[odd];
#pragma unroll
    for (int n = 0; n < WIDE; n++) {
        const uint2 words = x.words(n, unit);
        const float2 both = x.scales(n, unit);
        const float scale[2] = {both.x, both.y};
        float sum[2] = {0.0f, 0.0f};
        if (Type::HAS_MINIMUMS) {
            const int2 sums = x.sums(n, unit);
            sum[0] = scale[0] * static_cast<float>(sums.x);
            sum[1] = scale[1] * static_cast<float>(sums.y);
        }
        int wholes[4];
        multiply_s8(wholes, fragment.word, words, WHOLE_BITS);
#pragma unroll
        for (int i = 0; i < 4; i++) {
            float &to = total[n][i];
            to = fmaf(__int_as_float(wholes[i]) - WHOLE_START, own.scale[i / 2] * scale[i % 2], to);
            if (Type::HAS_MINIMUMS) to = fmaf(own.minimum[i / 2], sum[i % 2], to);
        }
    }
}

// What a superblock of a tile row has beside its quants: a lane keeps the four bytes of the units 2t and 2t + 1.
template <class Type> struct SuperblockScales {
    RowScales rows;
    uint2 own;

    DEVICE SuperblockScales() {}

    DEVICE SuperblockScales(const uint8_t *record, int lane)
        : rows(Type::scales(record, lane / 4)),
          own(reinterpret_cast<const uint2 *>(Type::unit_scales(record, lane / 4))[lane % 4]) {}

    // The four bytes of a unit.
    DEVICE uint32_t four(int unit, int lane) const {
        return __shfl_sync(FULL, unit % 2 == 0 ? own.x : own.y, lane / 4 * 4 + unit / 2);
    }
};

// Adds unit `odd` of a pair, which is unit `own` of its superblock and at `unit` of the tokens, times its scales.
template <class Type, int WIDE, class Tokens>
DEVICE void add_scaled(const typename Type::Pair &pair, const SuperblockScales<Type> &scales, int odd, int own, int lane,
                       const Tokens &x, int unit, int (&whole)[WIDE][4]) {
    const Fragment fragment = pair.fragment(odd);
    const uint32_t four = scales.four(own, lane);
#pragma unroll
    for (int n = 0; n < WIDE; n++) {
        const uint2 words = x.words(n, unit);
        int first[4] = {}, second[4] = {};
        if (Type::HAS_MINIMUMS) {
            multiply_s8(first, fragment.word, words, 0);
        } else {
            multiply_s8_half(first, fragment.word, words.x);
            multiply_s8_half(second, fragment.word + 2, words.y);
        }
#pragma unroll
        for (int i = 0; i < 4; i++) {
            whole[n][i] += Type::unit_scale(four, i / 2, 0) * first[i];
            if (!Type::HAS_MINIMUMS) whole[n][i] += Type::unit_scale(four, i / 2, 1) * second[i];
        }
    }
}

// Sums of units, at most 32 * 127, as seven bits with a sign and what is above them: a byte of each of two units.
struct SplitSums {
    uint32_t low, high;
};

DEVICE int low_bits(int sum) { return ((sum + 64) & 127) - 64; }

DEVICE SplitSums split(const int2 &sums) {
    const int first = low_bits(sums.x), second = low_bits(sums.y);
    return SplitSums{(first & 0xffu) | (second & 0xffu) << 8,
                     ((sums.x - first) >> 7 & 0xffu) | ((sums.y - second) >> 7 & 0xffu) << 8};
}

// Adds a superblock, of which `whole` has the products and which begins at `unit` of the tokens.
template <class Type, int WIDE, class Tokens>
DEVICE void add_superblock(const SuperblockScales<Type> &scales, const Tokens &x, int unit, const int (&whole)[WIDE][4],
                           float (&total)[WIDE][4]) {
    // Minimums of two units for row g and for row g + 8; sums are 0 where the other two bytes are.
    const uint32_t minimums[2] = {__byte_perm(scales.own.x, scales.own.y, 0x0051),
                                  __byte_perm(scales.own.x, scales.own.y, 0x0073)};
#pragma unroll
    for (int n = 0; n < WIDE; n++) {
        const float2 both = x.scales(n, unit);
        const float scale[2] = {both.x, both.y};
        int least[4] = {};
        if (Type::HAS_MINIMUMS) {
            const SplitSums sums = x.split_sums(n, unit);
            multiply_s8_half(least, minimums, sums.high);
#pragma unroll
            for (int i = 0; i < 4; i++) least[i] = least[i] * 128 + WHOLE_BITS;
            multiply_s8_half(least, minimums, sums.low);
        }
#pragma unroll
        for (int i = 0; i < 4; i++) {
            float &to = total[n][i];
            to = fmaf(static_cast<float>(whole[n][i]), scales.rows.scale[i / 2] * scale[i % 2], to);
            if (Type::HAS_MINIMUMS)
                to = fmaf(__int_as_float(least[i]) - WHOLE_START, (0.0f - scales.rows.minimum[i / 2]) * scale[i % 2], to);
        }
    }
}
