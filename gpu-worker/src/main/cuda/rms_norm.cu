// target[row] = source / sqrt(mean(source^2) + epsilon) * weight over rows of `columns` f32, also rounded where products
// want that (rounding.cuh). `source` may be `target`. Grid (rows), blocks of one warp or more.
#include "rounding.cuh"
#include "step.cuh"

extern "C" __global__ void __launch_bounds__(256)
    rms_norm(const int *step, int kind, const float *source, const float *weight, float epsilon, float *target,
             int columns, ROUNDED_PARAMETERS) {
    SHARED(float, partial, 32);
    const RoundedForms forms = ROUNDED_FORMS;
    const int row = blockIdx.x;
    if (row >= Step(step).rows(kind)) return;
    const float *from = source + static_cast<size_t>(row) * columns;
    float *to = target + static_cast<size_t>(row) * columns;
    float squares = 0.0f;
#pragma unroll 8
    for (int i = threadIdx.x; i < columns; i += blockDim.x) squares = fmaf(from[i], from[i], squares);
    const float mean = block_sum(squares, partial) / static_cast<float>(columns);
    const float scale = 1.0f / sqrtf(mean + epsilon);
    if (!forms.wanted()) {
        for (int i = threadIdx.x; i < columns; i += blockDim.x) to[i] = from[i] * scale * weight[i];
        return;
    }
    const int warps = blockDim.x / 32;
    for (int i = threadIdx.x / 32; i * SUPERBLOCK_COLUMNS < columns; i += warps) {
        const SuperblockPlace place(i, columns);
        Eight values = {};
        if (place.is_there()) {
            values = load_eight(from + place.column);
            const Eight weights = load_eight(weight + place.column);
            for (int at = 0; at < 8; at++) values.value[at] = values.value[at] * scale * weights.value[at];
            store_eight(to + place.column, values);
        }
        round_superblock(values, forms, place, row);
    }
}
EXPORT(rms_norm)
