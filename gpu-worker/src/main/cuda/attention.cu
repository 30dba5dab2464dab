// Causal attention over the KV cache (kv.cuh). A row is a query head of a token: it sees the positions of its sequence
// up to its own, in spans of 256 from position 0 on. The rows of a block share a KV head and a sequence: query heads of
// a token and, where there is room, of its neighbours. None of a row's numbers depends on which rows share its block, or
// on which block has which span:
//   score    f32 fma over the head's values in order, of the query times 1 / sqrt(head size)
//   weights  of a span: under its highest score; their total by lane (eight positions 32 apart), then across lanes
//   sums     of values: f32 fma over every n-th of the span's positions in order, where n is how often eight values for
//            each thread make a head; these n sums in order
//   spans    merged in order (softmax_state.cuh)
//
// attend_*: queries [T, heads * D]. With one split a block goes through all spans of its rows and writes `target`
// [T, heads * D], which may be the queries. Else block x has span x, and leaves the sums, the highest score and the total
// of each of its rows in `partials` [T, splits, heads, D + 2] for attend_merge. Grid: (splits, blocks of heads, rows),
// blocks of 128; blocks of heads = KV heads * ceil(query heads of a KV head / rows of a block). Rows of a block: 8 of up
// to 128 values, 2 of up to 1024 (attend_wide_*).
// attend_merge: also rounds what it merged, where products want that (rounding.cuh). Grid: (ceil(columns / 256), rows),
// blocks of 256.
#include "kv.cuh"
#include "reduce.cuh"
#include "rounding.cuh"
#include "softmax_state.cuh"

enum { SPAN = 256, THREADS = 128, SPAN_BLOCKS = SPAN / BLOCK_TOKENS, SPAN_LANES = SPAN / 32 };
// Behind the sums of a row: its highest score and total.
enum { PARTIAL_STATE = 2 };
// Spans of a row that are on their way at once when they are merged.
enum { MERGED_AHEAD = 8 };

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
    float *parts;
    int *lengths;
    // Token and query head of each row.
    int2 *places;
    int *blocks;
    SoftmaxState *states;
    Shares *shares;
};

// The eight values that a thread holds of some positions.
struct Eights {
    enum { VALUES = 8 };
    int width, groups, group, at;

    DEVICE explicit Eights(int padded)
        : width(padded), groups(THREADS / (padded / VALUES)), group(threadIdx.x / (padded / VALUES)),
          at(threadIdx.x % (padded / VALUES) * VALUES) {}

    // Threads may be left over.
    DEVICE bool works() const { return group < groups; }
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
        shared.places[row] = make_int2(tile.token_of(row), tile.head_of(row));
        shared.states[row] = nothing_seen();
    }
}

// Adds eight products to a score.
DEVICE float add_products(const float4 query[2], const float key[8], float sum) {
    sum = fmaf(query[0].x, key[0], sum);
    sum = fmaf(query[0].y, key[1], sum);
    sum = fmaf(query[0].z, key[2], sum);
    sum = fmaf(query[0].w, key[3], sum);
    sum = fmaf(query[1].x, key[4], sum);
    sum = fmaf(query[1].y, key[5], sum);
    sum = fmaf(query[1].z, key[6], sum);
    return fmaf(query[1].w, key[7], sum);
}

// Scores of the thread's OWN positions, which are THREADS apart, from `from` on; minus infinity where a row does not see
// one. Keys are fetched some eights ahead of their use: few blocks have to hide the time that takes.
template <class Format, int ROWS, int WIDTH, int OWN>
DEVICE void score(const Shared &shared, const char *keysOfHead, uint32_t blockBytes, int rows, int from, int seen, int headSize) {
    constexpr int AHEAD = Format::AHEAD / OWN;
    int padded = Format::padded(headSize);
    float scores[OWN][ROWS];
    const char *keys[OWN];
    int tokens[OWN];
#pragma unroll
    for (int own = 0; own < OWN; own++) {
#pragma unroll
        for (int row = 0; row < ROWS; row++) {
            scores[own][row] = 0.0f;
        }
        // For a position that is not there another is looked at: its scores are not used.
        int place = min((int)threadIdx.x + own * THREADS, seen - 1);
        keys[own] = keysOfHead + (size_t)blockBytes * (uint32_t)shared.blocks[place / BLOCK_TOKENS];
        tokens[own] = place % BLOCK_TOKENS;
    }
#pragma unroll 1
    for (int begin = 0; begin < padded; begin += Eights::VALUES * AHEAD) {
        typename Format::Eight ahead[AHEAD][OWN];
#pragma unroll
        for (int i = 0; i < AHEAD; i++) {
            int at = min(begin + Eights::VALUES * i, padded - Eights::VALUES);
#pragma unroll
            for (int own = 0; own < OWN; own++) {
                ahead[i][own] = Format::fetch(keys[own], tokens[own], headSize, at);
            }
        }
#pragma unroll
        for (int i = 0; i < AHEAD; i++) {
            int at = begin + Eights::VALUES * i;
            if (at < padded) {
                float key[OWN][Eights::VALUES];
#pragma unroll
                for (int own = 0; own < OWN; own++) {
                    Format::unpack(ahead[i][own], key[own]);
                }
#pragma unroll
                for (int row = 0; row < ROWS; row++) {
                    if (works_on(row, rows)) {
                        const float4 query[2] = {
                            shared.queries[(row * WIDTH + at) / 4], shared.queries[(row * WIDTH + at) / 4 + 1]};
#pragma unroll
                        for (int own = 0; own < OWN; own++) {
                            scores[own][row] = add_products(query, key[own], scores[own][row]);
                        }
                    }
                }
            }
        }
    }
#pragma unroll
    for (int own = 0; own < OWN; own++) {
        int place = threadIdx.x + own * THREADS;
#pragma unroll
        for (int row = 0; row < ROWS; row++) {
            shared.weights[place * ROWS + row] = from + place < shared.lengths[row] ? scores[own][row] : -INFINITY;
        }
    }
}

// Positions behind the first half of a span, where nobody sees any.
template <int ROWS> DEVICE void score_nothing(const Shared &shared) {
#pragma unroll
    for (int row = 0; row < ROWS; row++) {
        shared.weights[(THREADS + threadIdx.x) * ROWS + row] = -INFINITY;
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

// The thread's part of the sums of values of some rows from `first` on under the weights of a span: eight values, every
// n-th position. All rows see the first `common` positions.
template <class Format, int ROWS, int TOGETHER>
DEVICE void sum_values(
    const Shared &shared, const Eights &own, const char *valuesOfHead, uint32_t blockBytes, int first, int rows, int from,
    int common, int seen, int headSize, float sums[TOGETHER][Eights::VALUES]) {
#pragma unroll
    for (int row = 0; row < TOGETHER; row++) {
#pragma unroll
        for (int i = 0; i < Eights::VALUES; i++) {
            sums[row][i] = 0.0f;
        }
    }
#pragma unroll 1
    for (int begin = own.group; begin < seen; begin += own.groups * Format::AHEAD) {
        typename Format::Eight ahead[Format::AHEAD];
#pragma unroll
        for (int i = 0; i < Format::AHEAD; i++) {
            int place = min(begin + own.groups * i, seen - 1);
            const char *values = valuesOfHead + (size_t)blockBytes * (uint32_t)shared.blocks[place / BLOCK_TOKENS];
            ahead[i] = Format::fetch(values, place % BLOCK_TOKENS, headSize, own.at);
        }
#pragma unroll
        for (int i = 0; i < Format::AHEAD; i++) {
            int place = begin + own.groups * i;
            if (place < seen) {
                float values[Eights::VALUES];
                Format::unpack(ahead[i], values);
#pragma unroll
                for (int row = 0; row < TOGETHER; row++) {
                    // A weight of 0 is no help: 0 times what is not finite is not 0.
                    if (works_on(row, rows - first) && (place < common || from + place < shared.lengths[first + row])) {
                        float weight = shared.weights[place * ROWS + first + row];
#pragma unroll
                        for (int value = 0; value < Eights::VALUES; value++) {
                            sums[row][value] = fmaf(weight, values[value], sums[row][value]);
                        }
                    }
                }
            }
        }
    }
}

// Puts what all threads have of these rows together; `take(row, at, sum)` gets each value of each row once, the same
// values on the same thread each time.
template <int TOGETHER, class Take>
DEVICE void join(
    const Shared &shared, const Eights &own, int headSize, const float sums[TOGETHER][Eights::VALUES], Take take) {
    if (own.works()) {
#pragma unroll
        for (int row = 0; row < TOGETHER; row++) {
            float4 *to = (float4 *)(shared.parts + (own.group * TOGETHER + row) * own.width + own.at);
            const float *from = sums[row];
            to[0] = make_float4(from[0], from[1], from[2], from[3]);
            to[1] = make_float4(from[4], from[5], from[6], from[7]);
        }
    }
    __syncthreads();
    for (int at = threadIdx.x; at < headSize; at += THREADS) {
        float sum[TOGETHER];
        const float *from = shared.parts + at;
#pragma unroll
        for (int row = 0; row < TOGETHER; row++) {
            sum[row] = from[row * own.width];
        }
#pragma unroll 1
        for (int group = 1; group < own.groups; group++) {
            from += TOGETHER * own.width;
#pragma unroll
            for (int row = 0; row < TOGETHER; row++) {
                sum[row] += from[row * own.width];
            }
        }
#pragma unroll
        for (int row = 0; row < TOGETHER; row++) {
            take(row, at, sum[row]);
        }
    }
    __syncthreads();
}

template <class Format, int ROWS, int WIDTH>
DEVICE void attend(
    const int *words, const float *queries, const char *layer, float *partials, float *target, int heads, int kvHeads,
    int headSize, int splits) {
    SHARED(float4, query, ROWS * WIDTH / 4);
    // Few enough rows at a time that their parts stay in registers.
    constexpr int TOGETHER = ROWS < 4 ? ROWS : 4;
    SHARED(float, weights, SPAN * ROWS);
    SHARED(float4, parts, THREADS * Eights::VALUES / 4 * TOGETHER);
    SHARED(int, lengths, ROWS);
    SHARED(int2, places, ROWS);
    SHARED(int, blocks, SPAN_BLOCKS);
    SHARED(SoftmaxState, states, ROWS);
    SHARED(Shares, shares, ROWS);
    SHARED(float, sums, ROWS * WIDTH);
    Shared shared = {query, weights, (float *)parts, lengths, places, blocks, states, shares};

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
    uint32_t blockBytes = (uint32_t)kv_offset<Format>(1, 0, 0, kvHeads, headSize);
    const int *table = step.blocks(step.sequence(tile.token));
    take_queries<Format, ROWS, WIDTH>(step, tile, shared, queries, heads, headSize);
    const Eights own(Format::padded(headSize));

#pragma unroll 1
    for (int from = start; from < end; from += SPAN) {
        int seen = min((int)SPAN, end - from);
        if ((int)threadIdx.x * BLOCK_TOKENS < seen) {
            blocks[threadIdx.x] = table[from / BLOCK_TOKENS + threadIdx.x];
        }
        __syncthreads();
        if (seen > THREADS) {
            score<Format, ROWS, WIDTH, 2>(shared, keys, blockBytes, tile.rows, from, seen, headSize);
        } else {
            score<Format, ROWS, WIDTH, 1>(shared, keys, blockBytes, tile.rows, from, seen, headSize);
            score_nothing<ROWS>(shared);
        }
        __syncthreads();
        weigh<ROWS>(shared, tile.rows, from, split);
        __syncthreads();
        int common = min(seen, max(shortest - from, 0));
#pragma unroll
        for (int first = 0; first < ROWS; first += TOGETHER) {
            if (first < tile.rows) {
                float added[TOGETHER][Eights::VALUES];
                if (own.works()) {
                    sum_values<Format, ROWS, TOGETHER>(
                        shared, own, values, blockBytes, first, tile.rows, from, common, seen, headSize, added);
                }
                join<TOGETHER>(shared, own, headSize, added, [&](int row, int at, float sum) {
                    row += first;
                    if (from < lengths[row]) {
                        float &so_far = sums[row * WIDTH + at];
                        // Of the first positions nothing is before.
                        so_far = split ? sum : merged(from == 0 ? 0.0f : so_far, sum, shares[row]);
                    }
                });
            }
        }
    }

    for (int row = 0; row < tile.rows; row++) {
        if (start >= lengths[row]) {
            continue;
        }
        const size_t token = places[row].x;
        const int head = places[row].y;
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
        for (int at = threadIdx.x; at < headSize; at += THREADS) {
            to[at] = sums[row * WIDTH + at] * factor;
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

ATTEND(attend_f16, HalfKv, 8, 128)
ATTEND(attend_q8_0, ByteKv, 8, 128)
ATTEND(attend_f32, FloatKv, 8, 128)
ATTEND(attend_wide_f16, HalfKv, 2, 1024)
ATTEND(attend_wide_q8_0, ByteKv, 2, 1024)
ATTEND(attend_wide_f32, FloatKv, 2, 1024)

extern "C" __global__ void __launch_bounds__(256)
    attend_merge(const int *words, const float *partials, float *target, int heads, int headSize, int splits,
                 ROUNDED_PARAMETERS) {
    SHARED(float4, fours, SUPERBLOCK_COLUMNS / 4);
    float *const values = (float *)fours;
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
        const int width = headSize + PARTIAL_STATE;
        const float *of_head = partials + (token * splits * heads + head) * width;
        const size_t stride = (size_t)heads * width;
        SoftmaxState state = nothing_seen();
        float sum = 0.0f;
        for (int first = 0; first < spans; first += MERGED_AHEAD) {
            SoftmaxState later[MERGED_AHEAD];
            float sums[MERGED_AHEAD];
#pragma unroll
            for (int i = 0; i < MERGED_AHEAD; i++) {
                const float *from = of_head + min(first + i, spans - 1) * stride;
                later[i] = SoftmaxState{from[headSize], from[headSize + 1]};
                sums[i] = from[at];
            }
#pragma unroll
            for (int i = 0; i < MERGED_AHEAD; i++) {
                if (first + i < spans) {
                    Shares shares = merge(state, later[i]);
                    sum = merged(sum, sums[i], shares);
                }
            }
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
