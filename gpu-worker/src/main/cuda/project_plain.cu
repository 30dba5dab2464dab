// target[token] = weights * x[token] + bias, added to what stands there if `adds`; weights of F32, F16 or BF16, x in
// f32. A lane adds its columns in their order, then come its quad and the eight slices: units i, i + 8, .. are slice i.
// project_plain_*: for 1, 2 or 4 tokens at once, or for 8 and two tile rows, where a value of x that a lane has is
// multiplied with four rows. Matrices of several types may share a launch.
// Grid (tile rows of all matrices, ceil(tokens / as many)), of 8 tokens (ceil(tokens / 8), blocks of 32 rows of all
// matrices), so that blocks with the same weights are there at the same time. Blocks of 256.
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

enum { MANY = 8, MANY_TILE_ROWS = 2, FEW = 4 };

// As sum_up, for two tile rows and MANY tokens. Of x a warp has its unit in shared memory, [token][32], and the next one
// on its way there.
template <class Type>
DEVICE void sum_up_many(const MatrixBlock &own, int tokens, int columns, const float *source, float *slices, float *units) {
    const Weights weights = own.matrix.weights(columns);
    const int first_row = own.block * MANY_TILE_ROWS, last_row = own.matrix.blocks(TILE_ROWS) - 1;
    Place<FEW> place(first_row, tokens);
    place.first_token = blockIdx.x * MANY;
    float *x = units + place.warp * 2 * MANY * UNIT_COLUMNS, *next = x + MANY * UNIT_COLUMNS;
    const auto copy = [&](float *to, int unit) {
        const int column = unit * UNIT_COLUMNS + place.lane;
#pragma unroll 1
        for (int i = 0; i < MANY; i++) {
            float *const own_to = to + i * UNIT_COLUMNS + place.lane;
            if (column < columns)
                copy4_async(own_to, source + place.token(i) * columns + column);
            else
                *own_to = 0.0f;
        }
        copies_commit();
    };
    // As quad_scatter takes them.
    float parts[MANY_TILE_ROWS][MANY / FEW][2 * FEW] = {};
    copy(x, place.warp);
#pragma unroll 1
    for (int unit = place.warp; unit < weights.units; unit += SLICES) {
        // This unit is there, and all lanes are done with the one before it.
        if (!LEFT_OUT("the wait for copies of units")) copies_wait<0>();
        if (!LEFT_OUT("the barrier between units")) __syncwarp();
        copy(next, unit + SLICES);
#pragma unroll 1
        for (int half = 0; half < 2; half++) {
            RowValues values[MANY_TILE_ROWS];
#pragma unroll
            for (int m = 0; m < MANY_TILE_ROWS; m++)
                values[m] = Type::values(weights, min(first_row + m, last_row), unit, half, place.lane);
#pragma unroll
            for (int i = 0; i < MANY; i++) {
                const float4 four = *reinterpret_cast<const float4 *>(x + i * UNIT_COLUMNS + 16 * half + 4 * place.t);
#pragma unroll
                for (int m = 0; m < MANY_TILE_ROWS; m++) {
                    float *const of = parts[m][i / FEW] + i % FEW;
                    of[0] = dot(values[m].row[0], four, of[0]);
                    of[FEW] = dot(values[m].row[1], four, of[FEW]);
                }
            }
        }
        float *const done = x;
        x = next;
        next = done;
    }
    copies_wait<0>();
#pragma unroll
    for (int i = 0; i < MANY / FEW; i++)
#pragma unroll
        for (int m = 0; m < MANY_TILE_ROWS; m++) {
            if (i + m > 0 && !LEFT_OUT("the barrier between plain slices")) __syncthreads();
            float total[QuadShare<FEW>::ROWS];
            quad_scatter<FEW>(parts[m][i], total);
            place.tile_row = first_row + m;
            place.first_token = blockIdx.x * MANY + FEW * i;
            finish(place, own.matrix, total, slices);
        }
}

DEVICE void project_plain_many(const MatrixBlock &own, int tokens, int columns, const float *source) {
    SHARED(float, slices, SLICES *FEW *TILE_ROWS);
    SHARED(float4, units, SLICES * 2 * MANY *UNIT_COLUMNS / 4);
    if (static_cast<int>(blockIdx.x) * MANY >= tokens) return;
    float *const x = reinterpret_cast<float *>(units);
    switch (own.matrix.type) {
        case TYPE_F32: return sum_up_many<F32>(own, tokens, columns, source, slices, x);
        case TYPE_F16: return sum_up_many<F16>(own, tokens, columns, source, slices, x);
        default: return sum_up_many<BF16>(own, tokens, columns, source, slices, x);
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

extern "C" __global__ void __launch_bounds__(256, 2)
    project_plain_8(const int *step, int kind, const float *source, int columns, THREE_MATRIX_PARAMETERS) {
    project_plain_many(matrix_block(blockIdx.y, TILE_ROWS * MANY_TILE_ROWS, THREE_MATRICES), Step(step).rows(kind), columns, source);
}
EXPORT(project_plain_8)
