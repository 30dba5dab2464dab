// Rounds rows of f32 to 8 bits in blocks of 1 or 8 units of 32 columns, the largest value of a block becoming 127, as
// QuantizeTask.java does it. A block that has a value which is not finite gets such a scale.
// quants [row][unit][32] i8, in the order in which lanes take them: byte 8t + b is column 4t + b, byte 8t + 4 + b is
// column 16 + 4t + b (B fragment of mma.m16n8k32). scales [row][unit] f32, sums [row][unit] i32 of the quants.
// Grid (rows, ceil(units / 8)), blocks of 256.
#include "reduce.cuh"
#include "step.cuh"
#include "units.cuh"

extern "C" __global__ void __launch_bounds__(256)
    quantize(const int *step, int kind, const float *source, int8_t *quants, float *scales, int *sums, int columns,
             int block_units) {
    SHARED(uint32_t, largest, SUPERBLOCK_UNITS);
    const int row = blockIdx.x, warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    if (row >= Step(step).rows(kind)) return;
    const int units = columns / UNIT_COLUMNS, unit = static_cast<int>(blockIdx.y) * SUPERBLOCK_UNITS + warp;
    const size_t at = static_cast<size_t>(row) * units + unit;
    const float value = unit < units ? source[at * UNIT_COLUMNS + lane] : 0.0f;
    uint32_t most = warp_max(__float_as_uint(value) & 0x7fffffffu);
    if (block_units > 1) {
        if (lane == 0) largest[warp] = most;
        __syncthreads();
        for (int i = 0; i < SUPERBLOCK_UNITS; i++) most = max(most, largest[i]);
    }
    const float scale = __uint_as_float(most) / 127.0f;
    const float inverse = scale < 0x1p-126f ? 0.0f : 1.0f / scale;
    const float scaled = value * inverse;
    // What is not a number becomes 0 under a scale that is none either.
    const int quant = scaled == scaled ? __float2int_rn(scaled) : 0;
    const int sum = warp_sum(quant);
    if (unit >= units) return;
    const int place = lane % 16 / 4 * 8 + lane / 16 * 4 + lane % 4;
    quants[at * UNIT_COLUMNS + place] = static_cast<int8_t>(quant);
    if (lane == 0) {
        scales[at] = scale;
        sums[at] = sum;
    }
}
EXPORT(quantize)
