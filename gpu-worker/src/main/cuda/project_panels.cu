// As project_quantized.cu, to the bit, for many tokens: products of 128 rows with 64 tokens at once on tensor cores.
// Weights and rounded rows go through shared memory, copied one stage of four units ahead of what is multiplied; each
// quant is taken apart by two warps, for 32 tokens each.
//
// The eight slices of the columns come one after the other. What of them waits for its partner in the tree, three at
// most, is kept in shared memory, too, each value by the thread that has made it.
//
// Grid (ceil(tokens / 64), blocks of 128 rows of all matrices), blocks of 512 with PANEL_BYTES of shared memory.
#include "slices.cuh"
#include "step.cuh"
#include "targets.cuh"
#include "tiles.cuh"

namespace {

enum {
    PANEL_THREADS = 512,
    PANEL_TILE_ROWS = 8,
    PANEL_TOKENS = 64,
    WARP_TOKENS = 32,
    WIDE = WARP_TOKENS / MMA_TOKENS,
    // Of a stage.
    PAIRS = 2,
    WORD_BYTES = PANEL_TOKENS * UNIT_COLUMNS,
    WAITING = 3,
    WAITING_BYTES = WAITING * WIDE * 4 * PANEL_THREADS * 4
};

// A stage in shared memory: [pair][tile row] of the planes, [unit][token] of the rounded rows.
template <class Type> struct StagePlanes {
    typedef typename Type::Pair Quants;
    enum {
        HIGH = PAIRS * PANEL_TILE_ROWS * Quants::LOW_BYTES,
        WORDS = HIGH + PAIRS * PANEL_TILE_ROWS * Quants::HIGH_BYTES,
        END = WORDS + 2 * PAIRS * WORD_BYTES
    };
};

// What of stages there is, two in turn; K types have what superblocks have beside them, two in turn, too.
template <class Type, bool superblocks> struct Stage;
template <class Type> struct Stage<Type, false> : StagePlanes<Type> {
    enum {
        OWN_SCALES = StagePlanes<Type>::END,
        SCALES = OWN_SCALES + PAIRS * PANEL_TILE_ROWS * 2 * Type::SCALE_BYTES,
        SUMS = SCALES + 2 * PAIRS * PANEL_TOKENS * 4,
        BYTES = SUMS + (Type::HAS_MINIMUMS ? 2 * PAIRS * PANEL_TOKENS * 4 : 0),
        PANEL_BYTES = WAITING_BYTES + 2 * BYTES
    };
};
template <class Type> struct Stage<Type, true> : StagePlanes<Type> {
    enum {
        BYTES = StagePlanes<Type>::END,
        SCALES = PANEL_TILE_ROWS * Type::RECORD_BYTES,
        SUMS = SCALES + PANEL_TOKENS * 4,
        RECORD_BYTES = SUMS + (Type::HAS_MINIMUMS ? PANEL_TOKENS * SUPERBLOCK_UNITS * 4 : 0),
        PANEL_BYTES = WAITING_BYTES + 2 * (BYTES + RECORD_BYTES)
    };
};

// What a block multiplies. The last tile row and the last token stand in for those that are missing.
struct Panel {
    Weights weights;
    Rounded x;
    int first_tile_row, last_tile_row, first_token, last_token;

    // [tile row] of BYTES of a plane that has `row_bytes` of each, `there` of them from `offset` on.
    template <int BYTES> DEVICE void copy_plane(uint8_t *to, const uint8_t *plane, size_t row_bytes, size_t offset,
                                                int there) const {
        static_assert(PANEL_TILE_ROWS * BYTES / 16 <= PANEL_THREADS, "one copy of a thread");
        const int row = threadIdx.x * 16 / BYTES, at = threadIdx.x * 16 % BYTES;
        const size_t from = min(first_tile_row + row, last_tile_row) * row_bytes + offset;
        if (row < PANEL_TILE_ROWS && at < there) copy16_async(to + row * BYTES + at, plane + from + at);
    }

    DEVICE size_t first_unit(int token) const {
        return static_cast<size_t>(min(first_token + token, last_token)) * weights.units;
    }

    // Of a pair from `unit` on, whose second unit may be missing.
    DEVICE void copy_words(uint8_t *to, int unit, int there) const {
        const int token = threadIdx.x / 4, odd = threadIdx.x / 2 % 2, half = threadIdx.x % 2 * 16;
        if (token < PANEL_TOKENS && odd < there)
            copy16_async(to + odd * WORD_BYTES + token * UNIT_COLUMNS + half,
                         x.quants + (first_unit(token) + unit + odd) * UNIT_COLUMNS + half);
    }

    // [unit][token] of values that each unit has.
    DEVICE void copy_values(uint8_t *to, const void *values, int unit, int there) const {
        const int token = threadIdx.x / 2, odd = threadIdx.x % 2;
        if (token < PANEL_TOKENS && odd < there)
            copy4_async(to + (odd * PANEL_TOKENS + token) * 4,
                        static_cast<const uint32_t *>(values) + first_unit(token) + unit + odd);
    }
};

// Rounded rows of a warp's tokens in shared memory.
struct PanelTokens {
    const uint8_t *words_of_rows, *scales_of_rows, *sums_of_rows;
    int first, g, t;

    DEVICE uint2 words(int n, int unit) const {
        return reinterpret_cast<const uint2 *>(
            words_of_rows)[(unit * PANEL_TOKENS + first + MMA_TOKENS * n + g) * 4 + t];
    }
    DEVICE int two_tokens(int n, int unit) const { return (unit * PANEL_TOKENS + first + MMA_TOKENS * n) / 2 + t; }
    DEVICE float2 scales(int n, int unit) const {
        return reinterpret_cast<const float2 *>(scales_of_rows)[two_tokens(n, unit)];
    }
    DEVICE int2 sums(int n, int unit) const { return reinterpret_cast<const int2 *>(sums_of_rows)[two_tokens(n, unit)]; }
    DEVICE int2 unit_sums(int n, int) const {
        return reinterpret_cast<const int2 *>(sums_of_rows)[(first + MMA_TOKENS * n + g) * 4 + t];
    }
};

// Where a warp's part of a panel is.
struct WarpPlace {
    int lane, tile_row, first_token;

    DEVICE WarpPlace()
        : lane(threadIdx.x % 32), tile_row(threadIdx.x / 32 % PANEL_TILE_ROWS),
          first_token(threadIdx.x / 32 / PANEL_TILE_ROWS * WARP_TOKENS) {}
};

// A stage: of which slice, its number there and among all.
struct StageAt {
    int slice, stage, serial;

    // Where slices have so many; the first of those that have none is the end.
    DEVICE StageAt after(int count, int following) const {
        if (stage + 1 < count) return StageAt{slice, stage + 1, serial + 1};
        return StageAt{slice + 1 < SLICES && following > 0 ? slice + 1 : static_cast<int>(SLICES), 0, serial + 1};
    }
};

// Copies the quants of pair `i` of a stage, of which `there` units are there, and their words.
template <class Type, class Layout> DEVICE void copy_pair(const Panel &panel, uint8_t *stage, int i, int pair, int there) {
    typedef typename Type::Pair Quants;
    const Weights &weights = panel.weights;
    // What a tile row has of the planes.
    const size_t low_row = Quants::low_of(weights, 1, 0) - weights.low;
    panel.copy_plane<Quants::LOW_BYTES>(stage + i * PANEL_TILE_ROWS * Quants::LOW_BYTES, weights.low, low_row,
                                        Quants::low_of(weights, 0, pair) - weights.low,
                                        there == 2 ? Quants::LOW_BYTES : Quants::LOW_BYTES_OF_ONE);
    if constexpr (Quants::HIGH_BYTES > 0)
        panel.copy_plane<Quants::HIGH_BYTES>(stage + Layout::HIGH + i * PANEL_TILE_ROWS * Quants::HIGH_BYTES, weights.high,
                                             Quants::high_of(weights, 1, 0) - weights.high,
                                             Quants::high_of(weights, 0, pair) - weights.high, Quants::HIGH_BYTES);
    panel.copy_words(stage + Layout::WORDS + i * 2 * WORD_BYTES, 2 * pair, there);
}

// Stages of a type with blocks: two of a slice's pairs each.
template <class Type> struct BlockStages {
    typedef Stage<Type, false> Layout;
    typedef typename Type::Pair Quants;
    const Panel &panel;
    uint8_t *shared;
    WarpPlace place;

    DEVICE BlockStages(const Panel &panel, uint8_t *shared) : panel(panel), shared(shared) {}

    // Of a slice.
    DEVICE int count(int slice) const {
        return (panel.weights.pairs() - slice + SLICES * PAIRS - 1) / (SLICES * PAIRS);
    }

    DEVICE int pair(const StageAt &at, int i) const { return at.slice + SLICES * (PAIRS * at.stage + i); }
    DEVICE int units_there(int pair) const { return min(panel.weights.units - 2 * pair, 2); }

    DEVICE void copy(const StageAt &at) const {
        uint8_t *const to = shared + at.serial % 2 * Layout::BYTES;
#pragma unroll 1
        for (int i = 0; i < PAIRS; i++) {
            const int own = pair(at, i), there = units_there(own);
            if (there <= 0) continue;
            copy_pair<Type, Layout>(panel, to, i, own, there);
            panel.copy_plane<2 * Type::SCALE_BYTES>(to + Layout::OWN_SCALES + i * PANEL_TILE_ROWS * 2 * Type::SCALE_BYTES,
                                                    panel.weights.scales,
                                                    static_cast<size_t>(panel.weights.units) * Type::SCALE_BYTES,
                                                    static_cast<size_t>(2 * own) * Type::SCALE_BYTES,
                                                    there * Type::SCALE_BYTES);
            panel.copy_values(to + Layout::SCALES + i * 2 * PANEL_TOKENS * 4, panel.x.scales, 2 * own, there);
            if (Type::HAS_MINIMUMS)
                panel.copy_values(to + Layout::SUMS + i * 2 * PANEL_TOKENS * 4, panel.x.sums, 2 * own, there);
        }
    }

    DEVICE void multiply(const StageAt &stage, float (&total)[WIDE][4]) {
        const uint8_t *const from = shared + stage.serial % 2 * Layout::BYTES;
        const PanelTokens x = {from + Layout::WORDS, from + Layout::SCALES, from + Layout::SUMS,
                               place.first_token,    place.lane / 4,        place.lane % 4};
#pragma unroll
        for (int i = 0; i < PAIRS; i++) {
            const int there = units_there(pair(stage, i)), at = i * PANEL_TILE_ROWS + place.tile_row;
            if (there <= 0) continue;
            const BlockTile<Type> tile(from + at * Quants::LOW_BYTES, from + Layout::HIGH + at * Quants::HIGH_BYTES,
                                       from + Layout::OWN_SCALES + at * 2 * Type::SCALE_BYTES, there == 2, place.lane);
#pragma unroll
            for (int odd = 0; odd < 2; odd++)
                if (odd < there) add_unit<Type>(tile, odd, x, 2 * i + odd, total);
        }
    }
};

// Stages of a K type: half a superblock each.
template <class Type> struct SuperblockStages {
    typedef Stage<Type, true> Layout;
    typedef typename Type::Pair Quants;
    enum { PAIRS_OF_BLOCK = SUPERBLOCK_UNITS / 2, STAGES_OF_BLOCK = PAIRS_OF_BLOCK / PAIRS };
    const Panel &panel;
    uint8_t *shared;
    WarpPlace place;
    int whole[WIDE][4];

    DEVICE SuperblockStages(const Panel &panel, uint8_t *shared) : panel(panel), shared(shared) {}

    DEVICE int count(int slice) const {
        return (panel.weights.units / SUPERBLOCK_UNITS - slice + SLICES - 1) / SLICES * STAGES_OF_BLOCK;
    }

    DEVICE uint8_t *record(int serial) const {
        return shared + 2 * Layout::BYTES + serial / STAGES_OF_BLOCK % 2 * Layout::RECORD_BYTES;
    }

    DEVICE void copy(const StageAt &at) const {
        const int block = at.slice + SLICES * (at.stage / STAGES_OF_BLOCK), part = at.stage % STAGES_OF_BLOCK;
        uint8_t *const to = shared + at.serial % 2 * Layout::BYTES;
#pragma unroll 1
        for (int i = 0; i < PAIRS; i++)
            copy_pair<Type, Layout>(panel, to, i, block * PAIRS_OF_BLOCK + part * PAIRS + i, 2);
        if (part == 0) copy_record(block, record(at.serial));
    }

    DEVICE void copy_record(int block, uint8_t *to) const {
        const size_t row_bytes = static_cast<size_t>(panel.weights.units / SUPERBLOCK_UNITS) * Type::RECORD_BYTES;
        panel.copy_plane<Type::RECORD_BYTES>(to, panel.weights.scales, row_bytes,
                                             static_cast<size_t>(block) * Type::RECORD_BYTES, Type::RECORD_BYTES);
        const int unit = block * SUPERBLOCK_UNITS, thread = threadIdx.x;
        if (thread < PANEL_TOKENS)
            copy4_async(to + Layout::SCALES + thread * 4, panel.x.scales + panel.first_unit(thread) + unit);
        if (Type::HAS_MINIMUMS && thread < PANEL_TOKENS * 2)
            copy16_async(to + Layout::SUMS + thread * 16,
                         panel.x.sums + panel.first_unit(thread / 2) + unit + thread % 2 * 4);
    }

    DEVICE void multiply(const StageAt &stage, float (&total)[WIDE][4]) {
        const int part = stage.stage % STAGES_OF_BLOCK;
        const uint8_t *const from = shared + stage.serial % 2 * Layout::BYTES, *const own = record(stage.serial);
        const PanelTokens x = {from + Layout::WORDS, own + Layout::SCALES, own + Layout::SUMS,
                               place.first_token,    place.lane / 4,       place.lane % 4};
        const SuperblockScales<Type> scales(own + place.tile_row * Type::RECORD_BYTES, place.lane);
        if (part == 0)
#pragma unroll
            for (int n = 0; n < WIDE; n++)
#pragma unroll
                for (int i = 0; i < 4; i++) whole[n][i] = 0;
#pragma unroll
        for (int i = 0; i < PAIRS; i++) {
            const int at = i * PANEL_TILE_ROWS + place.tile_row;
            const Quants quants(from + at * Quants::LOW_BYTES, from + Layout::HIGH + at * Quants::HIGH_BYTES, true, place.lane);
#pragma unroll
            for (int odd = 0; odd < 2; odd++)
                add_scaled<Type>(quants, scales, odd, 2 * (part * PAIRS + i) + odd, place.lane, x, 2 * i + odd, whole);
        }
        if (part == STAGES_OF_BLOCK - 1) add_superblock<Type>(scales, x, 0, whole, total);
    }
};

// Adds what waits to the sum of slices that ends with `slice`, as the tree has it. The sum waits in turn, but of all,
// and the next slice begins with nothing.
DEVICE void put_together(int slice, float *waiting, float (&total)[WIDE][4]) {
    float *own = waiting + threadIdx.x;
    for (int rest = slice; rest % 2 == 1; rest /= 2, own += WIDE * 4 * PANEL_THREADS)
#pragma unroll
        for (int i = 0; i < WIDE * 4; i++) total[i / 4][i % 4] = own[i * PANEL_THREADS] + total[i / 4][i % 4];
    if (slice == SLICES - 1) return;
#pragma unroll
    for (int i = 0; i < WIDE * 4; i++) {
        own[i * PANEL_THREADS] = total[i / 4][i % 4];
        total[i / 4][i % 4] = 0.0f;
    }
}

template <class Stages>
DEVICE void sum_up(const MatrixBlock &own, int tokens, int columns, const Rounded &x, uint8_t *shared) {
    const int first_token = blockIdx.x * PANEL_TOKENS, last_tile_row = own.matrix.blocks(TILE_ROWS) - 1;
    const Panel panel = {own.matrix.weights(columns), x, own.block * PANEL_TILE_ROWS, last_tile_row, first_token, tokens - 1};
    Stages stages(panel, shared + WAITING_BYTES);
    float total[WIDE][4] = {};
    StageAt next = {0, 0, 0};
    for (int slice = 0, stage = -1; slice < SLICES;) {
        if (stage >= 0) {
            // The stage is there, and all are done with the one before it.
            if (!LEFT_OUT("the wait for copies of panels")) copies_wait<0>();
            if (!LEFT_OUT("the barrier between stages")) __syncthreads();
        }
        const StageAt current = {slice, stage, next.serial - 1};
        if (next.slice < SLICES) {
            stages.copy(next);
            copies_commit();
            next = next.after(stages.count(next.slice), stages.count(next.slice + 1));
        }
        if (stage >= 0) stages.multiply(current, total);
        stage++;
        for (; slice < SLICES && stage == stages.count(slice); slice++, stage = 0)
            put_together(slice, reinterpret_cast<float *>(shared), total);
    }
    const WarpPlace place;
#pragma unroll
    for (int i = 0; i < WIDE * 4; i++)
        put(own.matrix, tokens,
            (panel.first_tile_row + place.tile_row) * TILE_ROWS + 8 * (i % 4 / 2) + place.lane / 4,
            first_token + place.first_token + MMA_TOKENS * (i / 4) + 2 * (place.lane % 4) + i % 2, total[i / 4][i % 4]);
}

DEVICE void project_blocks(const MatrixBlock &own, int tokens, int columns, const Rounded &x) {
    SHARED_DYNAMIC(uint8_t, shared);
    if (static_cast<int>(blockIdx.x) * PANEL_TOKENS >= tokens) return;
    switch (own.matrix.type) {
        case TYPE_Q8_0: return sum_up<BlockStages<Q8_0>>(own, tokens, columns, x, shared);
        case TYPE_Q4_0: return sum_up<BlockStages<Q4_0>>(own, tokens, columns, x, shared);
        case TYPE_Q4_1: return sum_up<BlockStages<Q4_1>>(own, tokens, columns, x, shared);
        case TYPE_Q5_0: return sum_up<BlockStages<Q5_0>>(own, tokens, columns, x, shared);
        default: return sum_up<BlockStages<Q5_1>>(own, tokens, columns, x, shared);
    }
}

DEVICE void project_superblocks(const MatrixBlock &own, int tokens, int columns, const Rounded &x) {
    SHARED_DYNAMIC(uint8_t, shared);
    if (static_cast<int>(blockIdx.x) * PANEL_TOKENS >= tokens) return;
    switch (own.matrix.type) {
        case TYPE_Q4_K: return sum_up<SuperblockStages<Q4_K>>(own, tokens, columns, x, shared);
        case TYPE_Q5_K: return sum_up<SuperblockStages<Q5_K>>(own, tokens, columns, x, shared);
        default: return sum_up<SuperblockStages<Q6_K>>(own, tokens, columns, x, shared);
    }
}

template <class Type> constexpr int panel_bytes() { return Stage<Type, Type::IS_SUPERBLOCK == 1>::PANEL_BYTES; }

// What the type takes that takes most; ProjectLaunch.java has the same.
constexpr int PANEL_BYTES = 151552;
static_assert(panel_bytes<Q8_0>() <= PANEL_BYTES && panel_bytes<Q4_1>() <= PANEL_BYTES && panel_bytes<Q5_1>() <= PANEL_BYTES &&
                  panel_bytes<Q5_K>() <= PANEL_BYTES && panel_bytes<Q6_K>() <= PANEL_BYTES,
              "more shared memory than a launch gives");
}  // namespace

#define PROJECT_PANELS(form)                                                                                       \
    extern "C" __global__ void __launch_bounds__(PANEL_THREADS)                                                    \
        project_panels_##form(const int *step, int kind, const int8_t *quants, const float *scales, const int *sums, \
                              int columns, THREE_MATRIX_PARAMETERS) {                                              \
        project_##form(matrix_block(blockIdx.y, TILE_ROWS *PANEL_TILE_ROWS, THREE_MATRICES), Step(step).rows(kind), columns,   \
                       Rounded{quants, scales, sums});                                                             \
    }                                                                                                              \
    EXPORT(project_panels_##form)

PROJECT_PANELS(blocks)
PROJECT_PANELS(superblocks)
