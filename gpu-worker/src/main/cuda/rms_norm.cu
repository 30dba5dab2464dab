// target[row][part] = source / sqrt(mean(source^2) + epsilon) * weight over parts of `size` of `columns` f32:
// whole rows, or one head after another. `source` may be `target`.
// Grid (rows, columns / size), blocks of one warp or more.
#include "reduce.cuh"
#include "step.cuh"

extern "C" __global__ void __launch_bounds__(256)
    rms_norm(const int32_t *step, int kind, const float *source, const float *weight, float epsilon, float *target,
             int columns, int size) {
    SHARED(float, partial, 32);
    if (static_cast<int>(blockIdx.x) >= Step(step).rows(kind)) return;
    const size_t start = static_cast<size_t>(blockIdx.x) * columns + static_cast<size_t>(blockIdx.y) * size;
    float squares = 0.0f;
    for (int i = threadIdx.x; i < size; i += blockDim.x) squares = fmaf(source[start + i], source[start + i], squares);
    const float mean = block_sum(squares, partial) / static_cast<float>(size);
    const float scale = 1.0f / sqrtf(mean + epsilon);
    for (int i = threadIdx.x; i < size; i += blockDim.x) target[start + i] = source[start + i] * scale * weight[i];
}
EXPORT(rms_norm)
