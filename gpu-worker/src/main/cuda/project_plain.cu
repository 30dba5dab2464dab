// target[token] = weights * x[token] + bias, added to what stands there if `adds`; weights of F32, F16 or BF16, x in
// f32. A lane adds its columns in their order, then come its quad and the eight slices: units i, i + 8, .. are slice i.
// Grid (ceil(rows / 16), ceil(tokens / 4)), blocks of 256.
#include "slices.cuh"
#include "step.cuh"

namespace {

// Four values from `column` on, 0 where there are none.
DEVICE float4 four_of(const float *row, int column, int columns) {
    if (columns % 4 == 0)
        return column < columns ? *reinterpret_cast<const float4 *>(row + column) : make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    return make_float4(column < columns ? row[column] : 0.0f, column + 1 < columns ? row[column + 1] : 0.0f,
                       column + 2 < columns ? row[column + 2] : 0.0f, column + 3 < columns ? row[column + 3] : 0.0f);
}

DEVICE float dot(const float *weights, const float4 &x, float sum) {
    return fmaf(weights[3], x.w, fmaf(weights[2], x.z, fmaf(weights[1], x.y, fmaf(weights[0], x.x, sum))));
}

template <class Type> DEVICE void project(const int *step, int kind, const float *source, const Weights &weights,
                                          int columns, const Target &target) {
    SHARED(float, slices, SLICES *TILE_TOKENS *TILE_ROWS);
    const Place place(Step(step).rows(kind));
    if (place.is_beyond()) return;
    float parts[2 * TILE_TOKENS] = {};
    for (int unit = place.warp; unit < weights.units; unit += SLICES)
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const RowValues values = Type::values(weights, place.tile_row, unit, half, place.lane);
            const int column = unit * UNIT_COLUMNS + 16 * half + 4 * place.t;
#pragma unroll
            for (int i = 0; i < TILE_TOKENS; i++) {
                const float4 x = four_of(source + place.token(i) * columns, column, columns);
                parts[i] = dot(values.row[0], x, parts[i]);
                parts[TILE_TOKENS + i] = dot(values.row[1], x, parts[TILE_TOKENS + i]);
            }
        }
    const RowPair<float> sums = quad_scatter(parts);
    const float total[2] = {sums.first, sums.second};
    finish(place, target, total, slices);
}
}  // namespace

#define PROJECT_PLAIN(name, type)                                                                                   \
    extern "C" __global__ void __launch_bounds__(256)                                                               \
        project_plain_##name(const int *step, int kind, const float *source, const uint8_t *low, const uint8_t *,   \
                             const uint8_t *, const float *bias, float *target, int rows, int columns, int adds) {  \
        project<type>(step, kind, source,                                                                           \
                      Weights{low, nullptr, nullptr, (columns + UNIT_COLUMNS - 1) / UNIT_COLUMNS}, columns,         \
                      Target{bias, target, rows, adds});                                                            \
    }                                                                                                               \
    EXPORT(project_plain_##name)

PROJECT_PLAIN(f32, F32)
PROJECT_PLAIN(f16, F16)
PROJECT_PLAIN(bf16, BF16)
