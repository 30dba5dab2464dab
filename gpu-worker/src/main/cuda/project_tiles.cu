// As project_quantized.cu, to the bit, for more tokens: products of 8, 16 or 32 tokens at once on tensor cores. A warp
// takes a slice of the columns, as there, and loads weights from global memory straight into fragments of its products,
// each of them once for all tokens of the block.
// Grid (ceil(tokens / 8, 16 or 32), tile rows of all matrices), so that blocks with the same weights are there at the
// same time. Blocks of 256.
#include "slices.cuh"
#include "step.cuh"
#include "targets.cuh"
#include "tiles.cuh"

namespace {

// Rounded rows in global memory, for a block that begins at a token. The last token stands in for those that are
// missing.
template <bool superblocks, int WIDE> struct Rows {
    const uint2 *words_of_rows;
    const float *scales_of_rows;
    const int *sums_of_rows;
    int t, units, first_token, last_token;
    // First units of the tokens that a lane looks at: of the words, and of the scales that each unit has.
    int own[WIDE], others[superblocks ? 1 : WIDE][2];

    DEVICE Rows(const Rounded &x, int units, int first_token, int last_token, int lane)
        : words_of_rows(reinterpret_cast<const uint2 *>(x.quants) + lane % 4), scales_of_rows(x.scales), sums_of_rows(x.sums),
          t(lane % 4), units(units), first_token(first_token), last_token(last_token) {
#pragma unroll
        for (int n = 0; n < WIDE; n++) {
            own[n] = min(first_token + MMA_TOKENS * n + lane / 4, last_token) * units;
            if (!superblocks)
                for (int i = 0; i < 2; i++) others[n][i] = first_unit(first_token, n, i);
        }
    }

    DEVICE int first_unit(int first, int n, int i) const {
        return min(first + MMA_TOKENS * n + 2 * t + i, last_token) * units;
    }

    // Addresses of what is looked at once a superblock would take registers in between.
    DEVICE size_t scale_at(int n, int i, int unit) const {
        return (superblocks ? first_unit(opaque(first_token), n, i) : others[n][i]) + unit;
    }

    DEVICE uint2 words(int n, int unit) const { return words_of_rows[static_cast<size_t>(own[n] + unit) * 4]; }
    DEVICE float2 scales(int n, int unit) const {
        return make_float2(scales_of_rows[scale_at(n, 0, unit)], scales_of_rows[scale_at(n, 1, unit)]);
    }
    DEVICE int2 sums(int n, int unit) const {
        return make_int2(sums_of_rows[scale_at(n, 0, unit)], sums_of_rows[scale_at(n, 1, unit)]);
    }
    DEVICE SplitSums split_sums(int n, int unit) const {
        return split(*reinterpret_cast<const int2 *>(sums_of_rows + opaque(own[n]) + unit + 2 * t));
    }
};

template <class Quants, bool minimums, int WIDE>
DEVICE void add_slice(BlockType<Quants, minimums>, const Weights &weights, int tile_row, int slice, int lane,
                      const Rows<false, WIDE> &x, float (&total)[WIDE][4]) {
    typedef BlockType<Quants, minimums> Type;
    const int pairs = weights.pairs();
    const auto load = [&](int pair) {
        return BlockTile<Type>(FromGlobal(), Quants::low_of(weights, tile_row, pair), Quants::high_of(weights, tile_row, pair),
                               weights.scales + weights.tile(tile_row, 2 * pair) * Type::SCALE_BYTES,
                               2 * pair + 1 < weights.units, lane);
    };
    BlockTile<Type> next;
    if (slice < pairs) next = load(slice);
    for (int pair = slice; pair < pairs; pair += SLICES) {
        const BlockTile<Type> tile = next;
        // On its way while this one is multiplied.
        if (pair + SLICES < pairs) next = load(pair + SLICES);
#pragma unroll
        for (int odd = 0; odd < 2; odd++)
            if (2 * pair + odd < weights.units) add_unit<Type>(tile, odd, x, 2 * pair + odd, total);
    }
}

template <class Quants, bool minimums, int WIDE>
DEVICE void add_slice(SuperblockType<Quants, minimums>, const Weights &weights, int tile_row, int slice, int lane,
                      const Rows<true, WIDE> &x, float (&total)[WIDE][4]) {
    typedef SuperblockType<Quants, minimums> Type;
    // Pairs whose loads are issued together, as many as registers are left for.
    enum { PAIRS = SUPERBLOCK_UNITS / 2, BATCH = WIDE <= 2 ? PAIRS : 1 };
    for (int block = slice; block < weights.units / SUPERBLOCK_UNITS; block += SLICES) {
        const SuperblockScales<Type> scales(Type::record(weights, tile_row, block), lane);
        int whole[WIDE][4] = {};
#pragma unroll 1
        for (int first = 0; first < PAIRS; first += BATCH) {
            Quants quants[BATCH];
#pragma unroll
            for (int i = 0; i < BATCH; i++) quants[i] = Quants(weights, tile_row, block * PAIRS + first + i, lane);
#pragma unroll
            for (int i = 0; i < 2 * BATCH; i++)
                add_scaled<Type>(quants[i / 2], scales, i % 2, 2 * first + i, lane, x,
                                 block * SUPERBLOCK_UNITS + 2 * first + i, whole);
        }
        add_superblock<Type>(scales, x, block * SUPERBLOCK_UNITS, whole, total);
    }
}

template <class Type, int WIDE>
DEVICE void sum_up(const MatrixBlock &own, int tokens, int columns, const Rounded &x, float *slices) {
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, first_token = blockIdx.x * MMA_TOKENS * WIDE;
    const Weights weights = own.matrix.weights(columns);
    float total[WIDE][4] = {};
    typedef Rows<Type::IS_SUPERBLOCK, WIDE> Own;
    add_slice(Type(), weights, own.block, warp, lane, Own(x, weights.units, first_token, tokens - 1, lane), total);
    finish_slices(own, first_token, tokens, total, slices);
}

template <int WIDE> DEVICE void project_blocks(const MatrixBlock &own, int tokens, int columns, const Rounded &x) {
    SHARED(float, slices, SLICES *SLICE_VALUES);
    if (static_cast<int>(blockIdx.x) * MMA_TOKENS * WIDE >= tokens) return;
    switch (own.matrix.type) {
        case TYPE_Q8_0: return sum_up<Q8_0, WIDE>(own, tokens, columns, x, slices);
        case TYPE_Q4_0: return sum_up<Q4_0, WIDE>(own, tokens, columns, x, slices);
        case TYPE_Q4_1: return sum_up<Q4_1, WIDE>(own, tokens, columns, x, slices);
        case TYPE_Q5_0: return sum_up<Q5_0, WIDE>(own, tokens, columns, x, slices);
        default: return sum_up<Q5_1, WIDE>(own, tokens, columns, x, slices);
    }
}

template <int WIDE> DEVICE void project_superblocks(const MatrixBlock &own, int tokens, int columns, const Rounded &x) {
    SHARED(float, slices, SLICES *SLICE_VALUES);
    if (static_cast<int>(blockIdx.x) * MMA_TOKENS * WIDE >= tokens) return;
    switch (own.matrix.type) {
        case TYPE_Q4_K: return sum_up<Q4_K, WIDE>(own, tokens, columns, x, slices);
        case TYPE_Q5_K: return sum_up<Q5_K, WIDE>(own, tokens, columns, x, slices);
        default: return sum_up<Q6_K, WIDE>(own, tokens, columns, x, slices);
    }
}
}  // namespace

#define PROJECT_TILES(form, tokens, blocks_of_processor)                                                            \
    extern "C" __global__ void __launch_bounds__(256, blocks_of_processor)                                          \
        project_tiles_##form##_##tokens(const int *step, int kind, const int8_t *quants, const float *scales,       \
                                        const int *sums, int columns, THREE_MATRIX_PARAMETERS) {                    \
        project_##form<tokens / MMA_TOKENS>(matrix_block(blockIdx.y, TILE_ROWS, THREE_MATRICES), Step(step).rows(kind), columns, \
                                            Rounded{quants, scales, sums});                                         \
    }                                                                                                               \
    EXPORT(project_tiles_##form##_##tokens)

PROJECT_TILES(blocks, 8, 3)
PROJECT_TILES(blocks, 16, 3)
PROJECT_TILES(blocks, 32, 2)
PROJECT_TILES(superblocks, 8, 2)
PROJECT_TILES(superblocks, 16, 2)
PROJECT_TILES(superblocks, 32, 2)
