// target[token] = weights * x[token] + bias, added to what stands there if `adds`; x is rounded to 8 bits (rounding.cuh).
// Sums within a unit of 32 columns, for K types within a superblock of 256, are whole numbers; they are scaled and
// added in the order of columns in eight slices: pairs of units (or superblocks) i, i + 8, .. are slice i.
// project_blocks_*: matrices of types with blocks of 32 columns, project_superblocks_*: of K types, for 1, 2 or 4 tokens
// at once. Matrices of several types may share a launch: it has one type a block.
// Grid (tile rows of all matrices, ceil(tokens / 1, 2 or 4)), blocks of 256.
//
// Fewer tokens at once need less: of one token a lane has one sum instead of eight on its way through the quad, and
// loads a fourth of x. Bits are the same, as each token's sums are whole numbers until they are scaled, by one lane, in
// the order of columns. Loads of a superblock's weights, or of two or four pairs of units, are issued before the first
// of them is used: a warp then waits once for 2 KiB and not four times for 512 bytes. docs/cuda.md has the figures.
#include "slices.cuh"
#include "step.cuh"

namespace {

struct Rounded {
    const int8_t *quants;
    const float *scales;
    const int *sums;
};

// Both words of a lane of a unit of a token.
DEVICE uint2 words(const Rounded &x, size_t place, int t) {
    return reinterpret_cast<const uint2 *>(x.quants)[place * 4 + t];
}

DEVICE int dot(uint32_t weights, uint32_t x, int sum) {
    return __dp4a(static_cast<int>(weights), static_cast<int>(x), sum);
}

// A pair of units of a type with blocks, as it comes from memory.
template <class Type> struct BlockPair {
    typename Type::Pair quants;
    RowScales scales[2];

    DEVICE BlockPair(const Weights &weights, int tile_row, int pair, int lane)
        : quants(weights, tile_row, pair, lane),
          scales{Type::scales(weights, tile_row, 2 * pair, lane / 4),
                 // A missing unit is not looked at.
                 Type::scales(weights, tile_row, min(2 * pair + 1, weights.units - 1), lane / 4)} {}
};

template <class Type, int TOKENS>
DEVICE void add_unit(const Place<TOKENS> &place, int units, const Rounded &x, int unit, const Fragment &fragment,
                     const RowScales &scales, float *total) {
    int parts[2 * TOKENS];
#pragma unroll
    for (int i = 0; i < TOKENS; i++) {
        const uint2 own = words(x, place.token(i) * units + unit, place.t);
        parts[i] = dot(fragment.word[2], own.y, dot(fragment.word[0], own.x, 0));
        parts[TOKENS + i] = dot(fragment.word[3], own.y, dot(fragment.word[1], own.x, 0));
    }
    typedef QuadShare<TOKENS> Share;
    int wholes[Share::ROWS];
    quad_scatter<TOKENS>(parts, wholes);
    const size_t at = place.token(place.share.token) * units + unit;
    const float scale = x.scales[at];
    const float sum = Type::HAS_MINIMUMS ? scale * static_cast<float>(x.sums[at]) : 0.0f;
#pragma unroll
    for (int i = 0; i < Share::ROWS; i++) {
        const bool second = place.share.row + i == 1;
        total[i] = fmaf(static_cast<float>(wholes[i]), (second ? scales.scale[1] : scales.scale[0]) * scale, total[i]);
        if (Type::HAS_MINIMUMS) total[i] = fmaf(second ? scales.minimum[1] : scales.minimum[0], sum, total[i]);
    }
}

// Pairs of units whose loads are issued together: 2 KiB of quants.
template <class Type, int TOKENS> struct Batch {
    enum { PAIRS = TOKENS == 4 ? 1 : 2048 / Type::Pair::LOW_BYTES };
};

template <class Quants, bool minimums, int TOKENS>
DEVICE void add_slice(BlockType<Quants, minimums>, const Place<TOKENS> &place, const Weights &weights, const Rounded &x,
                      float *total) {
    typedef BlockType<Quants, minimums> Type;
    enum { PAIRS = Batch<Type, TOKENS>::PAIRS };
    const int pairs = weights.pairs();
    for (int first = place.warp; first < pairs; first += SLICES * PAIRS) {
        // The last pair stands in for those that are missing.
#define PAIR(i) BlockPair<Type>(weights, place.tile_row, min(first + SLICES * ((i) < PAIRS ? (i) : 0), pairs - 1), place.lane)
        const BlockPair<Type> loaded[4] = {PAIR(0), PAIR(1), PAIR(2), PAIR(3)};
#undef PAIR
#pragma unroll
        for (int i = 0; i < PAIRS; i++) {
            const int pair = first + SLICES * i;
#pragma unroll
            for (int odd = 0; odd < 2; odd++)
                if (2 * pair + odd < weights.units)
                    add_unit<Type, TOKENS>(place, weights.units, x, 2 * pair + odd, loaded[i].quants.fragment(odd),
                                           loaded[i].scales[odd], total);
        }
    }
}

// Adds the whole numbers of a unit, each times its scale.
template <class Type, int TOKENS>
DEVICE void add_scaled(const Place<TOKENS> &place, int units, const Rounded &x, int unit, const Fragment &fragment,
                       uint32_t own_scales, int *parts) {
#pragma unroll
    for (int i = 0; i < TOKENS; i++) {
        const uint2 own = words(x, place.token(i) * units + unit, place.t);
#pragma unroll
        for (int row = 0; row < 2; row++) {
            const uint32_t first = fragment.word[row], second = fragment.word[2 + row];
            if (Type::HAS_MINIMUMS) {
                const int sum = dot(second, own.y, dot(first, own.x, 0));
                parts[TOKENS * row + i] += Type::unit_scale(own_scales, row, 0) * sum;
            } else {
                parts[TOKENS * row + i] += Type::unit_scale(own_scales, row, 0) * dot(first, own.x, 0) +
                                           Type::unit_scale(own_scales, row, 1) * dot(second, own.y, 0);
            }
        }
    }
}

template <class Quants, bool minimums, int TOKENS>
DEVICE void add_slice(SuperblockType<Quants, minimums>, const Place<TOKENS> &place, const Weights &weights,
                      const Rounded &x, float *total) {
    typedef SuperblockType<Quants, minimums> Type;
    typedef QuadShare<TOKENS> Share;
    for (int block = place.warp; block < weights.units / SUPERBLOCK_UNITS; block += SLICES) {
        const uint8_t *record = Type::record(weights, place.tile_row, block);
        const int pair = block * (SUPERBLOCK_UNITS / 2);
        const Quants quants[4] = {Quants(weights, place.tile_row, pair, place.lane),
                                  Quants(weights, place.tile_row, pair + 1, place.lane),
                                  Quants(weights, place.tile_row, pair + 2, place.lane),
                                  Quants(weights, place.tile_row, pair + 3, place.lane)};
        const uint4 *four = reinterpret_cast<const uint4 *>(Type::unit_scales(record, place.g));
        const uint4 low = four[0], high = four[1];
        const uint32_t own_scales[SUPERBLOCK_UNITS] = {low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w};
        const RowScales scales = Type::scales(record, place.g);
        const size_t at = place.token(place.share.token) * weights.units + block * SUPERBLOCK_UNITS;
        int parts[2 * TOKENS] = {}, minimum[Share::ROWS] = {}, wholes[Share::ROWS];
#pragma unroll
        for (int i = 0; i < SUPERBLOCK_UNITS; i++) {
            add_scaled<Type, TOKENS>(place, weights.units, x, block * SUPERBLOCK_UNITS + i,
                                     quants[i / 2].fragment(i % 2), own_scales[i], parts);
            if (!minimums) continue;
            const int sum = x.sums[at + i];
#pragma unroll
            for (int row = 0; row < Share::ROWS; row++)
                minimum[row] += Type::unit_minimum(own_scales[i], place.share.row + row) * sum;
        }
        quad_scatter<TOKENS>(parts, wholes);
        const float scale = x.scales[at];
#pragma unroll
        for (int i = 0; i < Share::ROWS; i++) {
            const bool second = place.share.row + i == 1;
            const float own = second ? scales.scale[1] : scales.scale[0];
            total[i] = fmaf(static_cast<float>(wholes[i]), own * scale, total[i]);
            if (!minimums) continue;
            const float least = second ? scales.minimum[1] : scales.minimum[0];
            total[i] = fmaf(static_cast<float>(minimum[i]), (0.0f - least) * scale, total[i]);
        }
    }
}

template <class Type, int TOKENS>
DEVICE void sum_up(const Place<TOKENS> &place, const Matrix &matrix, int columns, const Rounded &x, float *slices) {
    float total[QuadShare<TOKENS>::ROWS] = {};
    add_slice(Type(), place, matrix.weights(columns), x, total);
    finish(place, matrix, total, slices);
}

template <int TOKENS>
DEVICE void project_blocks(const MatrixBlock &own, int tokens, int columns, const Rounded &x) {
    SHARED(float, slices, SLICES *TOKENS *TILE_ROWS);
    const Place<TOKENS> place(own.block, tokens);
    if (place.is_beyond()) return;
    switch (own.matrix.type) {
        case TYPE_Q8_0: return sum_up<Q8_0>(place, own.matrix, columns, x, slices);
        case TYPE_Q4_0: return sum_up<Q4_0>(place, own.matrix, columns, x, slices);
        case TYPE_Q4_1: return sum_up<Q4_1>(place, own.matrix, columns, x, slices);
        case TYPE_Q5_0: return sum_up<Q5_0>(place, own.matrix, columns, x, slices);
        default: return sum_up<Q5_1>(place, own.matrix, columns, x, slices);
    }
}

template <int TOKENS>
DEVICE void project_superblocks(const MatrixBlock &own, int tokens, int columns, const Rounded &x) {
    SHARED(float, slices, SLICES *TOKENS *TILE_ROWS);
    const Place<TOKENS> place(own.block, tokens);
    if (place.is_beyond()) return;
    switch (own.matrix.type) {
        case TYPE_Q4_K: return sum_up<Q4_K>(place, own.matrix, columns, x, slices);
        case TYPE_Q5_K: return sum_up<Q5_K>(place, own.matrix, columns, x, slices);
        default: return sum_up<Q6_K>(place, own.matrix, columns, x, slices);
    }
}
}  // namespace

#define PROJECT(form, tokens, blocks)                                                                               \
    extern "C" __global__ void __launch_bounds__(256, blocks)                                                       \
        project_##form##_##tokens(const int *step, int kind, const int8_t *quants, const float *scales, const int *sums, \
                                  int columns, THREE_MATRIX_PARAMETERS) {                                           \
        project_##form<tokens>(matrix_block(blockIdx.x, TILE_ROWS, THREE_MATRICES), Step(step).rows(kind), columns,             \
                               Rounded{quants, scales, sums});                                                      \
    }                                                                                                               \
    EXPORT(project_##form##_##tokens)

PROJECT(blocks, 1, 3)
PROJECT(blocks, 2, 3)
PROJECT(blocks, 4, 2)
PROJECT(superblocks, 1, 3)
PROJECT(superblocks, 2, 3)
PROJECT(superblocks, 4, 2)
