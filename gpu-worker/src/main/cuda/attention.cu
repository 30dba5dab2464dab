// Causal attention over the KV cache (kv.cuh). A row is a query head of a token: it sees the positions of its sequence
// up to its own, in spans of 256 from position 0 on. The rows of a block share a KV head and a sequence: query heads of
// a token and, where there is room, of its neighbours. None of a row's numbers depends on which rows share its block, or
// on which block has which span:
//   score    f32 fma over the head's values in order, of the query times 1 / sqrt(head size)
//   weights  of a span: under its highest score; their total by lane (eight positions 32 apart), then across lanes
//   sums     of values: f32 fma over the span's positions in order
//   spans    merged in order (softmax_state.cuh)
//
// attend_*: queries [T, heads * D]. With one split a block goes through all spans of its rows and writes `target`
// [T, heads * D], which may be the queries. Else block x has span x, and leaves the sums, the highest score and the total
// of each of its rows in `partials` [T, splits, heads, D + 2] for attend_merge. Grid: (splits, blocks of heads, rows),
// blocks of 128; blocks of heads = KV heads * ceil(query heads of a KV head / rows of a block). Rows of a block: 8 of up
// to 256 values, 2 of up to 1024 (attend_wide_*).
// attend_merge: also rounds what it merged, where products want that (rounding.cuh). Grid: (ceil(columns / 256), rows),
// blocks of 256.
#include "kv.cuh"
#include "reduce.cuh"
#include "rounding.cuh"
#include "softmax_state.cuh"

enum { SPAN = 256, THREADS = 128, SPAN_BLOCKS = SPAN / BLOCK_TOKENS, SPAN_LANES = SPAN / 32 };
// Behind the sums of a row: its highest score and total.
enum { PARTIAL_STATE = 2 };

// The rows of a block: neighbouring heads of neighbouring tokens.
struct Tile {
    int rows;
    int token;
    int tokens;
    int firstHead;
    int heads;

    DEVICE int token_of(int row) const { return token + row / heads; }
    DEVICE int head_of(int row) const { return firstHead + row % heads; }
};

// Without rows where those of this token belong to the block of an earlier one.
template <int ROWS> DEVICE Tile tile_of_block(const Step &step, int heads, int kvHeads) {
    Tile tile = {0, 0, 0, 0, 1};
    tile.token = blockIdx.z;
    if (tile.token >= step.tokens()) {
        return tile;
    }
    int shared = heads / kvHeads;
    int parts = (shared + ROWS - 1) / ROWS;
    int part = blockIdx.y % parts;
    int together = shared >= ROWS ? 1 : ROWS / shared;
    int sequence = step.sequence(tile.token);
    int place = tile.token - step.first_token(sequence);
    if (place % together == 0) {
        tile.tokens = min(together, step.token_count(sequence) - place);
        tile.firstHead = blockIdx.y / parts * shared + part * ROWS;
        tile.heads = min(shared - part * ROWS, (int)ROWS);
        tile.rows = tile.tokens * tile.heads;
    }
    return tile;
}

// Rows are worked on by 1, 2, 4 or 8: what comes of those beyond the tile's is not used.
DEVICE bool works_on(int row, int rows) {
    return row == 0 || rows > (row < 2 ? 1 : row < 4 ? 2 : 4);
}

// What the threads of a block share; weights are scores first.
struct Shared {
    float4 *queries;
    float *weights;
    int *lengths;
    int *blocks;
    SoftmaxState *states;
    Shares *shares;
};

// Queries padded with zeros, and how many positions each row sees.
template <class Format, int ROWS, int WIDTH>
DEVICE void take_queries(const Step &step, const Tile &tile, const Shared &shared, const float *queries, int heads, int headSize) {
    float *to = (float *)shared.queries;
    float scale = (float)(1.0 / sqrt((double)headSize));
    int padded = Format::padded(headSize);
    for (int row = 0; row < tile.rows; row++) {
        const float *from = queries + ((size_t)tile.token_of(row) * heads + tile.head_of(row)) * headSize;
        for (int i = threadIdx.x; i < padded; i += THREADS) {
            to[row * WIDTH + i] = i < headSize ? from[i] * scale : 0.0f;
        }
    }
    if (threadIdx.x < ROWS) {
        int row = threadIdx.x;
        shared.lengths[row] = row < tile.rows ? step.position(tile.token_of(row)) + 1 : 0;
        shared.states[row] = nothing_seen();
    }
}

// Scores of the positions from `from` on; minus infinity where a row does not see one.
template <class Format, int ROWS, int WIDTH>
DEVICE void score(const Shared &shared, const char *keysOfHead, size_t blockBytes, int rows, int from, int seen, int headSize) {
    int padded = Format::padded(headSize);
    for (int place = threadIdx.x; place < SPAN; place += THREADS) {
        float scores[ROWS];
#pragma unroll
        for (int row = 0; row < ROWS; row++) {
            scores[row] = 0.0f;
        }
        if (place < seen) {
            const char *keys = keysOfHead + shared.blocks[place / BLOCK_TOKENS] * blockBytes;
            for (int at = 0; at < padded; at += 8) {
                float key[8];
                Format::load(keys, place % BLOCK_TOKENS, headSize, at, key);
#pragma unroll
                for (int row = 0; row < ROWS; row++) {
                    if (works_on(row, rows)) {
                        float4 low = shared.queries[(row * WIDTH + at) / 4];
                        float4 high = shared.queries[(row * WIDTH + at) / 4 + 1];
                        float sum = scores[row];
                        sum = fmaf(low.x, key[0], sum);
                        sum = fmaf(low.y, key[1], sum);
                        sum = fmaf(low.z, key[2], sum);
                        sum = fmaf(low.w, key[3], sum);
                        sum = fmaf(high.x, key[4], sum);
                        sum = fmaf(high.y, key[5], sum);
                        sum = fmaf(high.z, key[6], sum);
                        scores[row] = fmaf(high.w, key[7], sum);
                    }
                }
            }
        }
#pragma unroll
        for (int row = 0; row < ROWS; row++) {
            shared.weights[place * ROWS + row] = from + place < shared.lengths[row] ? scores[row] : -INFINITY;
        }
    }
}

// Turns the scores of a span into weights; a warp has a row.
template <int ROWS> DEVICE void weigh(const Shared &shared, int rows, int from, bool split) {
    int lane = threadIdx.x % 32;
    for (int row = threadIdx.x / 32; row < rows; row += THREADS / 32) {
        if (from >= shared.lengths[row]) {
            continue;
        }
        float *mine = shared.weights + lane * ROWS + row;
        float highest = -INFINITY;
#pragma unroll
        for (int i = 0; i < SPAN_LANES; i++) {
            highest = fmaxf(highest, mine[32 * ROWS * i]);
        }
        highest = warp_reduce(highest, [](float a, float b) { return fmaxf(a, b); });
        float total = 0.0f;
#pragma unroll
        for (int i = 0; i < SPAN_LANES; i++) {
            float weight = expf(mine[32 * ROWS * i] - highest);
            mine[32 * ROWS * i] = weight;
            total += weight;
        }
        total = warp_sum(total);
        if (lane == 0) {
            SoftmaxState span = {highest, total};
            if (split) {
                shared.states[row] = span;
            } else {
                shared.shares[row] = merge(shared.states[row], span);
            }
        }
    }
}

// Sums of the values at `at` of a head under the weights of a span. All rows see the first `common` positions.
template <class Format, int ROWS>
DEVICE void sum_values(
    const Shared &shared, const char *valuesOfHead, size_t blockBytes, int rows, int from, int common, int seen,
    int headSize, int at, float sums[ROWS]) {
#pragma unroll
    for (int row = 0; row < ROWS; row++) {
        sums[row] = 0.0f;
    }
#pragma unroll 4
    for (int place = 0; place < common; place++) {
        const char *values = valuesOfHead + shared.blocks[place / BLOCK_TOKENS] * blockBytes;
        float value = Format::value(values, place % BLOCK_TOKENS, headSize, at);
#pragma unroll
        for (int row = 0; row < ROWS; row++) {
            if (works_on(row, rows)) {
                sums[row] = fmaf(shared.weights[place * ROWS + row], value, sums[row]);
            }
        }
    }
    // A weight of 0 is no help: 0 times what is not finite is not 0.
    for (int place = common; place < seen; place++) {
        const char *values = valuesOfHead + shared.blocks[place / BLOCK_TOKENS] * blockBytes;
        float value = Format::value(values, place % BLOCK_TOKENS, headSize, at);
#pragma unroll
        for (int row = 0; row < ROWS; row++) {
            if (from + place < shared.lengths[row]) {
                sums[row] = fmaf(shared.weights[place * ROWS + row], value, sums[row]);
            }
        }
    }
}

template <class Format, int ROWS, int WIDTH>
DEVICE void attend(
    const int *words, const float *queries, const char *layer, float *partials, float *target, int heads, int kvHeads,
    int headSize, int splits) {
    SHARED(float4, query, ROWS * WIDTH / 4);
    SHARED(float, weights, SPAN * ROWS);
    SHARED(int, lengths, ROWS);
    SHARED(int, blocks, SPAN_BLOCKS);
    SHARED(SoftmaxState, states, ROWS);
    SHARED(Shares, shares, ROWS);
    constexpr int OWN = (WIDTH + THREADS - 1) / THREADS;
    Shared shared = {query, weights, lengths, blocks, states, shares};

    Step step(words);
    Tile tile = tile_of_block<ROWS>(step, heads, kvHeads);
    if (tile.rows == 0) {
        return;
    }
    bool split = splits > 1;
    int start = split ? blockIdx.x * SPAN : 0;
    int shortest = step.position(tile.token) + 1;
    int longest = shortest + tile.tokens - 1;
    if (start >= longest) {
        return;
    }
    int end = split ? min(longest, start + SPAN) : longest;
    int kvHead = tile.firstHead / (heads / kvHeads);
    const char *keys = layer + kv_offset<Format>(0, kvHead, 0, kvHeads, headSize);
    const char *values = layer + kv_offset<Format>(0, kvHead, 1, kvHeads, headSize);
    size_t blockBytes = kv_offset<Format>(1, 0, 0, kvHeads, headSize);
    const int *table = step.blocks(step.sequence(tile.token));
    take_queries<Format, ROWS, WIDTH>(step, tile, shared, queries, heads, headSize);
    float sums[OWN][ROWS];
#pragma unroll
    for (int own = 0; own < OWN; own++) {
#pragma unroll
        for (int row = 0; row < ROWS; row++) {
            sums[own][row] = 0.0f;
        }
    }

    for (int from = start; from < end; from += SPAN) {
        int seen = min((int)SPAN, end - from);
        if ((int)threadIdx.x * BLOCK_TOKENS < seen) {
            blocks[threadIdx.x] = table[from / BLOCK_TOKENS + threadIdx.x];
        }
        __syncthreads();
        score<Format, ROWS, WIDTH>(shared, keys, blockBytes, tile.rows, from, seen, headSize);
        __syncthreads();
        weigh<ROWS>(shared, tile.rows, from, split);
        __syncthreads();
        int common = min(seen, max(shortest - from, 0));
#pragma unroll
        for (int own = 0; own < OWN; own++) {
            int at = threadIdx.x + THREADS * own;
            if (at < headSize) {
                float added[ROWS];
                sum_values<Format, ROWS>(
                    shared, values, blockBytes, tile.rows, from, common, seen, headSize, at, added);
#pragma unroll
                for (int row = 0; row < ROWS; row++) {
                    if (from < lengths[row]) {
                        sums[own][row] = split ? added[row] : merged(sums[own][row], added[row], shares[row]);
                    }
                }
            }
        }
        __syncthreads();
    }

#pragma unroll
    for (int row = 0; row < ROWS; row++) {
        if (start < lengths[row]) {
            size_t token = tile.token_of(row);
            int head = tile.head_of(row);
            SoftmaxState state = states[row];
            float factor = split ? 1.0f : 1.0f / state.total;
            float *to = target + (token * heads + head) * headSize;
            if (split) {
                to = partials + ((token * splits + blockIdx.x) * heads + head) * (headSize + PARTIAL_STATE);
                if (threadIdx.x == 0) {
                    to[headSize] = state.highest;
                    to[headSize + 1] = state.total;
                }
            }
#pragma unroll
            for (int own = 0; own < OWN; own++) {
                int at = threadIdx.x + THREADS * own;
                if (at < headSize) {
                    to[at] = sums[own][row] * factor;
                }
            }
        }
    }
}

#define ATTEND(name, Format, ROWS, WIDTH)                                                                              \
    extern "C" __global__ void __launch_bounds__(128, 4) name(                                                         \
        const int *words, const float *queries, const char *layer, float *partials, float *target, int heads,          \
        int kvHeads, int headSize, int splits) {                                                                       \
        attend<Format, ROWS, WIDTH>(                                                                                   \
            words, queries, layer, partials, target, heads, kvHeads, headSize, splits);                                \
    }                                                                                                                  \
    EXPORT(name)

ATTEND(attend_f16, HalfKv, 8, 256)
ATTEND(attend_q8_0, ByteKv, 8, 256)
ATTEND(attend_f32, FloatKv, 8, 256)
ATTEND(attend_wide_f16, HalfKv, 2, 1024)
ATTEND(attend_wide_q8_0, ByteKv, 2, 1024)
ATTEND(attend_wide_f32, FloatKv, 2, 1024)

extern "C" __global__ void __launch_bounds__(256)
    attend_merge(const int *words, const float *partials, float *target, int heads, int headSize, int splits,
                 ROUNDED_PARAMETERS) {
    SHARED(float, values, SUPERBLOCK_COLUMNS);
    const RoundedForms forms = ROUNDED_FORMS;
    Step step(words);
    size_t token = blockIdx.y;
    if ((int)token >= step.tokens()) {
        return;
    }
    int columns = heads * headSize;
    int column = blockIdx.x * SUPERBLOCK_COLUMNS + threadIdx.x;
    float value = 0.0f;
    if (column < columns) {
        int head = column / headSize, at = column % headSize;
        int spans = step.position(token) / SPAN + 1;
        SoftmaxState state = nothing_seen();
        float sum = 0.0f;
        // Loads of several spans are on their way at once: where they are does not depend on what they bring.
#pragma unroll 4
        for (int span = 0; span < spans; span++) {
            const float *from = partials + ((token * splits + span) * heads + head) * (headSize + PARTIAL_STATE);
            SoftmaxState later = {from[headSize], from[headSize + 1]};
            Shares shares = merge(state, later);
            sum = merged(sum, from[at], shares);
        }
        value = sum * (1.0f / state.total);
        target[token * columns + column] = value;
    }
    if (!forms.wanted()) {
        return;
    }
    values[threadIdx.x] = value;
    __syncthreads();
    if (threadIdx.x < 32) {
        const SuperblockPlace place(blockIdx.x, columns);
        round_superblock(load_eight(values + place.column % SUPERBLOCK_COLUMNS), forms, place, token);
    }
}
EXPORT(attend_merge)
