// As project_quantized.cu, to the bit, for many tokens: products of 128 rows with 64 tokens at once on tensor cores.
// Weights and rounded rows go through shared memory (panels.cuh), copied one stage ahead of what is multiplied; each
// quant is taken apart by two warps, for 32 tokens each.
//
// The eight slices of the columns come one after the other. What of them waits for its partner in the tree, three at
// most, is kept in shared memory, too, each value by the thread that has made it.
//
// Grid (ceil(tokens / 64), blocks of 128 rows of all matrices), blocks of 512 with PANEL_BYTES of shared memory.
#include "panels.cuh"
#include "step.cuh"

namespace {

// Adds what waits to the sum of slices that ends with `slice`, as the tree has it. The sum waits in turn, but of all,
// and the next slice begins with nothing.
DEVICE void put_together(unsigned slice, float *waiting, float (&total)[WIDE][4]) {
    float *own = waiting + threadIdx.x;
    for (unsigned rest = slice; rest % 2 == 1; rest /= 2, own += WIDE * 4 * PANEL_THREADS)
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
    StageAt current = {0, 0, 0};
    stages.copy(current);
    copies_commit();
    while (current.slice < SLICES) {
        // The stage is there, and all are done with the one before it.
        if (!LEFT_OUT("the wait for copies of panels")) copies_wait<0>();
        if (!LEFT_OUT("the barrier between stages")) __syncthreads();
        const StageAt next = current.after(stages.count(current.slice), stages.count(current.slice + 1));
        if (next.slice < SLICES) {
            stages.copy(next);
            copies_commit();
        }
        stages.multiply(current, total);
        for (unsigned slice = current.slice; slice < next.slice; slice++)
            put_together(slice, reinterpret_cast<float *>(shared), total);
        current = next;
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
constexpr int PANEL_BYTES = 151808;
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
