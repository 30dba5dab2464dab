// target[token] = weights * x[token] + bias, added to what stands there if `adds`; x is rounded to 8 bits (quantize.cu).
// Sums within a unit of 32 columns, for K types within a superblock of 256, are whole numbers; they are scaled and
// added in the order of columns in eight slices: pairs of units (or superblocks) i, i + 8, .. are slice i.
// Grid (ceil(rows / 16), ceil(tokens / 4)), blocks of 256. `high` is 0 where a type has no such plane.
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

template <class Type> DEVICE void add_unit(const Place &place, const Weights &weights, const Rounded &x, int unit,
                                           const Fragment &fragment, float total[2]) {
    int parts[2 * TILE_TOKENS];
#pragma unroll
    for (int i = 0; i < TILE_TOKENS; i++) {
        const uint2 own = words(x, place.token(i) * weights.units + unit, place.t);
        parts[i] = dot(fragment.word[2], own.y, dot(fragment.word[0], own.x, 0));
        parts[TILE_TOKENS + i] = dot(fragment.word[3], own.y, dot(fragment.word[1], own.x, 0));
    }
    const RowPair<int> wholes = quad_scatter(parts);
    const RowScales scales = Type::scales(weights, place.tile_row, unit, place.g);
    const size_t at = place.token(place.t) * weights.units + unit;
    const float scale = x.scales[at];
    total[0] = fmaf(static_cast<float>(wholes.first), scales.scale[0] * scale, total[0]);
    total[1] = fmaf(static_cast<float>(wholes.second), scales.scale[1] * scale, total[1]);
    if (!Type::HAS_MINIMUMS) return;
    const float sum = scale * static_cast<float>(x.sums[at]);
    total[0] = fmaf(scales.minimum[0], sum, total[0]);
    total[1] = fmaf(scales.minimum[1], sum, total[1]);
}

template <class Quants, bool minimums> DEVICE void add_slice(BlockType<Quants, minimums>, const Place &place,
                                                             const Weights &weights, const Rounded &x, float total[2]) {
    for (int pair = place.warp; pair < weights.pairs(); pair += SLICES) {
        const Quants quants(weights, place.tile_row, pair, place.lane);
#pragma unroll
        for (int odd = 0; odd < 2; odd++)
            if (2 * pair + odd < weights.units)
                add_unit<BlockType<Quants, minimums>>(place, weights, x, 2 * pair + odd, quants.fragment(odd), total);
    }
}

// Adds the whole numbers of a unit, each times its scale.
template <class Type> DEVICE void add_scaled(const Place &place, const Weights &weights, const Rounded &x, int unit,
                                             const Fragment &fragment, uint32_t own_scales, int parts[8]) {
#pragma unroll
    for (int i = 0; i < TILE_TOKENS; i++) {
        const uint2 own = words(x, place.token(i) * weights.units + unit, place.t);
#pragma unroll
        for (int row = 0; row < 2; row++) {
            const uint32_t first = fragment.word[row], second = fragment.word[2 + row];
            if (Type::HAS_MINIMUMS) {
                const int sum = dot(second, own.y, dot(first, own.x, 0));
                parts[TILE_TOKENS * row + i] += Type::unit_scale(own_scales, row, 0) * sum;
            } else {
                parts[TILE_TOKENS * row + i] += Type::unit_scale(own_scales, row, 0) * dot(first, own.x, 0) +
                                                Type::unit_scale(own_scales, row, 1) * dot(second, own.y, 0);
            }
        }
    }
}

template <class Quants, bool minimums>
DEVICE void add_slice(SuperblockType<Quants, minimums>, const Place &place, const Weights &weights, const Rounded &x,
                      float total[2]) {
    typedef SuperblockType<Quants, minimums> Type;
    for (int block = place.warp; block < weights.units / SUPERBLOCK_UNITS; block += SLICES) {
        const uint8_t *record = Type::record(weights, place.tile_row, block);
        const uint32_t *own_scales = Type::unit_scales(record, place.g);
        const size_t at = place.token(place.t) * weights.units + block * SUPERBLOCK_UNITS;
        int parts[2 * TILE_TOKENS] = {}, minimum[2] = {};
#pragma unroll
        for (int pair = 0; pair < SUPERBLOCK_UNITS / 2; pair++) {
            const Quants quants(weights, place.tile_row, block * (SUPERBLOCK_UNITS / 2) + pair, place.lane);
#pragma unroll
            for (int odd = 0; odd < 2; odd++) {
                const int i = 2 * pair + odd;
                const uint32_t four = own_scales[i];
                add_scaled<Type>(place, weights, x, block * SUPERBLOCK_UNITS + i, quants.fragment(odd), four, parts);
                if (!minimums) continue;
                minimum[0] += Type::unit_minimum(four, 0) * x.sums[at + i];
                minimum[1] += Type::unit_minimum(four, 1) * x.sums[at + i];
            }
        }
        const RowPair<int> wholes = quad_scatter(parts);
        const RowScales scales = Type::scales(record, place.g);
        const float scale = x.scales[at];
        total[0] = fmaf(static_cast<float>(wholes.first), scales.scale[0] * scale, total[0]);
        total[1] = fmaf(static_cast<float>(wholes.second), scales.scale[1] * scale, total[1]);
        if (!minimums) continue;
        total[0] = fmaf(static_cast<float>(minimum[0]), (0.0f - scales.minimum[0]) * scale, total[0]);
        total[1] = fmaf(static_cast<float>(minimum[1]), (0.0f - scales.minimum[1]) * scale, total[1]);
    }
}

template <class Type> DEVICE void project(const int *step, int kind, const Rounded &x, const Weights &weights,
                                          const Target &target) {
    SHARED(float, slices, SLICES *TILE_TOKENS *TILE_ROWS);
    const Place place(Step(step).rows(kind));
    if (place.is_beyond()) return;
    float total[2] = {0.0f, 0.0f};
    add_slice(Type(), place, weights, x, total);
    finish(place, target, total, slices);
}
}  // namespace

#define PROJECT(name, type)                                                                                        \
    extern "C" __global__ void __launch_bounds__(256, 3)                                                           \
        project_##name(const int *step, int kind, const int8_t *quants, const float *scales, const int *sums,      \
                       const uint8_t *low, const uint8_t *high, const uint8_t *weight_scales, const float *bias,   \
                       float *target, int rows, int columns, int adds) {                                           \
        project<type>(step, kind, Rounded{quants, scales, sums},                                                   \
                      Weights{low, high, weight_scales, columns / UNIT_COLUMNS}, Target{bias, target, rows, adds}); \
    }                                                                                                              \
    EXPORT(project_##name)

PROJECT(q8_0, Q8_0)
PROJECT(q4_0, Q4_0)
PROJECT(q4_1, Q4_1)
PROJECT(q5_0, Q5_0)
PROJECT(q5_1, Q5_1)
PROJECT(q4_k, Q4_K)
PROJECT(q5_k, Q5_K)
PROJECT(q6_k, Q6_K)
