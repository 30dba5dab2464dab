// target[token] = weights * x[token] + bias, added to what stands there if `adds`; weights of F32, F16 or BF16, x in
// f32. A lane adds its columns in their order, then come its quad and the eight slices: units i, i + 8, .. are slice i.
// project_plain_*: for 1, 2 or 4 tokens at once. Matrices of several types may share a launch.
// Grid (tile rows of all matrices, ceil(tokens / 1, 2 or 4)), blocks of 256.
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

template <class Type, int TOKENS>
DEVICE void sum_up(const Place<TOKENS> &place, const Matrix &matrix, int columns, const float *source, float *slices) {
    const Weights weights = matrix.weights(columns);
    float parts[2 * TOKENS] = {};
#pragma unroll(TOKENS == 4 ? 1 : 2)
    for (int unit = place.warp; unit < weights.units; unit += SLICES)
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const RowValues values = Type::values(weights, place.tile_row, unit, half, place.lane);
            const int column = unit * UNIT_COLUMNS + 16 * half + 4 * place.t;
#pragma unroll
            for (int i = 0; i < TOKENS; i++) {
                const float4 x = four_of(source + place.token(i) * columns, column, columns);
                parts[i] = dot(values.row[0], x, parts[i]);
                parts[TOKENS + i] = dot(values.row[1], x, parts[TOKENS + i]);
            }
        }
    float total[QuadShare<TOKENS>::ROWS];
    quad_scatter<TOKENS>(parts, total);
    finish(place, matrix, total, slices);
}

template <int TOKENS>
DEVICE void project_plain(const MatrixBlock &own, int tokens, int columns, const float *source) {
    SHARED(float, slices, SLICES *TOKENS *TILE_ROWS);
    const Place<TOKENS> place(own.block, tokens);
    if (place.is_beyond()) return;
    switch (own.matrix.type) {
        case TYPE_F32: return sum_up<F32>(place, own.matrix, columns, source, slices);
        case TYPE_F16: return sum_up<F16>(place, own.matrix, columns, source, slices);
        default: return sum_up<BF16>(place, own.matrix, columns, source, slices);
    }
}
}  // namespace

#define PROJECT_PLAIN(tokens)                                                                                      \
    extern "C" __global__ void __launch_bounds__(256, 3)                                                           \
        project_plain_##tokens(const int *step, int kind, const float *source, int columns, THREE_MATRIX_PARAMETERS) { \
        project_plain<tokens>(matrix_block(blockIdx.x, TILE_ROWS, THREE_MATRICES), Step(step).rows(kind), columns, source);   \
    }                                                                                                              \
    EXPORT(project_plain_##tokens)

PROJECT_PLAIN(1)
PROJECT_PLAIN(2)
PROJECT_PLAIN(4)
