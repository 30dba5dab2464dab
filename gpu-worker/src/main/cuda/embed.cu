// target[token] = row `id of token` of a table, exactly what TensorType.dequantize makes of it. An id below 0 names the
// place in `ids` that has it, by its bits inverted. Grid (tokens, ceil(columns / 1024)), blocks of 256.
#include "step.cuh"
#include "units.cuh"

namespace {

// A row of a table, where the words of its lanes are.
struct TableRow {
    int tile_row, g, upper;

    DEVICE TableRow(int row) : tile_row(row / TILE_ROWS), g(row % 8), upper(row % TILE_ROWS / 8) {}
};

// Four values from column `4 quad` of a unit on.
template <class Type> struct Values {
    DEVICE static void get(const Weights &table, const TableRow &row, int unit, int quad, float to[4]) {
        const int half = quad / 4, lane = 4 * row.g + quad % 4;
        const typename Type::Pair pair(table, row.tile_row, unit / 2, lane);
        const Fragment fragment = unit % 2 == 0 ? pair.fragment(0) : pair.fragment(1);
        const uint32_t first = half == 0 ? fragment.word[0] : fragment.word[2];
        const uint32_t second = half == 0 ? fragment.word[1] : fragment.word[3];
        const uint32_t word = row.upper ? second : first;
        for (int b = 0; b < 4; b++)
            to[b] = Type::value(table, row.tile_row, unit, row.g, row.upper, half, static_cast<int8_t>(word >> 8 * b));
    }
};

template <class Type> struct PlainValues {
    DEVICE static void get(const Weights &table, const TableRow &row, int unit, int quad, float to[4]) {
        const RowValues values = Type::values(table, row.tile_row, unit, quad / 4, 4 * row.g + quad % 4);
        for (int b = 0; b < 4; b++) to[b] = row.upper ? values.row[1][b] : values.row[0][b];
    }
};

template <class Values> DEVICE void embed(const int *step, const Weights &table, const int *ids, float *target, int rows,
                                          int columns) {
    const int token = blockIdx.x, column = 4 * (blockIdx.y * blockDim.x + threadIdx.x);
    if (token >= Step(step).tokens() || column >= columns) return;
    const int named = Step(step).token_id(token), id = named < 0 ? ids[~named] : named;
    // Ids of a step are checked before it comes here, those of samples are rows of the logits.
    if (id < 0 || id >= rows) return;
    float four[4];
    Values::get(table, TableRow(id), column / UNIT_COLUMNS, column % UNIT_COLUMNS / 4, four);
    float *to = target + static_cast<size_t>(token) * columns + column;
    for (int b = 0; b < 4; b++)
        if (column + b < columns) to[b] = four[b];
}
}  // namespace

#define EMBED(name, values)                                                                                         \
    extern "C" __global__ void __launch_bounds__(256)                                                               \
        embed_##name(const int *step, const uint8_t *low, const uint8_t *high, const uint8_t *scales, const int *ids, \
                     float *target, int rows, int columns) {                                                        \
        embed<values>(step, Weights{low, high, scales, (columns + UNIT_COLUMNS - 1) / UNIT_COLUMNS}, ids, target,   \
                      rows, columns);                                                                               \
    }                                                                                                               \
    EXPORT(embed_##name)

EMBED(q8_0, Values<Q8_0>)
EMBED(q4_0, Values<Q4_0>)
EMBED(q4_1, Values<Q4_1>)
EMBED(q5_0, Values<Q5_0>)
EMBED(q5_1, Values<Q5_1>)
EMBED(q4_k, Values<Q4_K>)
EMBED(q5_k, Values<Q5_K>)
EMBED(q6_k, Values<Q6_K>)
EMBED(f32, PlainValues<F32>)
EMBED(f16, PlainValues<F16>)
EMBED(bf16, PlainValues<BF16>)
