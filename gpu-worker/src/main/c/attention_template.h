// The body of attention for one width of vectors; included once for each of them by attention.c, which defines the
// operations (V_...) before. V_ROWS rows at most go together through V_BLOCKS(rows) blocks of keys or V_COLUMNS(rows)
// vectors of values.

enum { V_NAME(PER_BLOCK) = BLOCK / V_LANES };
#define V_PER_BLOCK V_NAME(PER_BLOCK)

V_INLINE V_FLOAT V_NAME(numbers)(const int bytes, const uint8_t *at) {
    if (bytes == BYTES_Q8) return V_SIGNED(at);
    return bytes == BYTES_F16 ? V_HALVES(at) : V_LOAD((const float *)at);
}

// exp, as Exponential.java has it, of numbers from -60 to 0.
V_INLINE V_FLOAT V_NAME(exponential)(const V_FLOAT x) {
    const V_FLOAT rounding = V_FLOATS(0x1.8p23f);
    const V_FLOAT rounded = V_FMA(x, V_FLOATS(1.44269504f), rounding);
    const V_INT power = V_SUB_INTS(V_AS_INTS(rounded), V_AS_INTS(rounding));
    const V_FLOAT whole = V_SUB(rounded, rounding);
    const V_FLOAT high = V_FMA(whole, V_FLOATS(-0.693359375f), x);
    const V_FLOAT rest = V_FMA(whole, V_FLOATS(2.12194440e-4f), high);
    V_FLOAT sum = V_FMA(rest, V_FLOATS(1.9875691500e-4f), V_FLOATS(1.3981999507e-3f));
    sum = V_FMA(rest, sum, V_FLOATS(8.3334519073e-3f));
    sum = V_FMA(rest, sum, V_FLOATS(4.1665795894e-2f));
    sum = V_FMA(rest, sum, V_FLOATS(1.6666665459e-1f));
    sum = V_FMA(rest, sum, V_FLOATS(5.0000001201e-1f));
    const V_FLOAT mantissa = V_ADD(V_FMA(V_MUL(rest, rest), sum, rest), V_FLOATS(1));
    return V_AS_FLOATS(V_ADD_INTS(V_AS_INTS(mantissa), V_SHIFT_LEFT(power, 23)));
}

// Scores of `rows` rows over V_BLOCKS(rows) blocks of keys, whose scales, where they have any, are at `scales` and are
// multiplied with the sum of each group. With every line of keys one of `ahead` is asked for.
V_INLINE void V_NAME(score_tile)(const int bytes, const int scaled, const int rows, const uint8_t *const *keys,
                                 const uint8_t *const *scales, const uint8_t *const *ahead, const long head_size,
                                 const float *queries, float *scores) {
    enum { MOST = 4 };
    const int blocks = V_BLOCKS(rows);
    const long width = padded(head_size);
    const long size = scaled ? GROUP : head_size;
    for (long group = 0; group * size < head_size; group++) {
        V_FLOAT sum[V_ROWS][MOST][V_PER_BLOCK];
        for (int r = 0; r < rows; r++)
            for (int b = 0; b < blocks; b++)
                for (int v = 0; v < V_PER_BLOCK; v++) sum[r][b][v] = V_ZERO();
        const long end = smaller(head_size, (group + 1) * size);
        for (long d = group * size; d < end; d++) {
            if (d * BLOCK * bytes % 64 == 0)
                for (int b = 0; b < blocks; b++) __builtin_prefetch(ahead[b] + d * BLOCK * bytes, 0, 2);
            for (int b = 0; b < blocks; b++)
                for (int v = 0; v < V_PER_BLOCK; v++) {
                    const V_FLOAT key = V_NAME(numbers)(bytes, keys[b] + (d * BLOCK + v * V_LANES) * bytes);
                    for (int r = 0; r < rows; r++)
                        sum[r][b][v] = V_FMA(key, V_FLOATS(queries[r * width + d]), sum[r][b][v]);
                }
        }
        for (int b = 0; b < blocks; b++)
            for (int v = 0; v < V_PER_BLOCK; v++) {
                const V_FLOAT scale = scaled ? V_HALVES(scales[b] + 2 * (group * BLOCK + v * V_LANES)) : V_ZERO();
                for (int r = 0; r < rows; r++) {
                    float *to = scores + r * RUN + b * BLOCK + v * V_LANES;
                    if (!scaled) V_STORE(to, sum[r][b][v]);
                    else if (group == 0) V_STORE(to, V_MUL(sum[r][b][v], scale));
                    else V_STORE(to, V_FMA(sum[r][b][v], scale, V_LOAD(to)));
                }
            }
    }
}

// Adds weighted values of `count` positions of a panel to the states, `vectors` vectors from `column` on. `weights` are
// `stride` apart from row to row.
V_INLINE void V_NAME(add_tile)(const int bytes, const int rows, const int vectors, const uint8_t *const *values,
                               const uint8_t *const *ahead, const long head_size, const long column, const long count,
                               const float *weights, const long stride, float *states) {
    enum { MOST = 4 };
    const long width = padded(head_size);
    V_FLOAT sum[V_ROWS][MOST];
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++) sum[r][v] = V_ZERO();
    for (long first = 0; first < count; first += BLOCK) {
        const uint8_t *at = values[first / BLOCK] + column * bytes;
        const uint8_t *wanted = ahead[first / BLOCK] + column * bytes;
        const long end = smaller(BLOCK, count - first);
        for (long p = 0; p < end; p++) {
            for (int line = 0; line < vectors * V_LANES * bytes; line += 64)
                if (vectors * V_LANES * bytes >= 64 || (p * width + column) * bytes % 64 == 0)
                    __builtin_prefetch(wanted + p * width * bytes + line, 0, 2);
            for (int v = 0; v < vectors; v++) {
                const V_FLOAT value = V_NAME(numbers)(bytes, at + (p * width + v * V_LANES) * bytes);
                for (int r = 0; r < rows; r++)
                    sum[r][v] = V_FMA(value, V_FLOATS(weights[r * stride + first + p]), sum[r][v]);
            }
        }
    }
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++) {
            float *to = states + r * (STATE_HEADER + width) + STATE_HEADER + column + v * V_LANES;
            V_STORE(to, V_ADD(V_LOAD(to), sum[r][v]));
        }
}

// Where values have scales, weights are multiplied with them first.
V_INLINE void V_NAME(add_rows)(const int bytes, const int scaled, const int rows, const uint8_t *const *values,
                               const uint8_t *const *scales, const uint8_t *const *ahead, const long head_size,
                               const long count, const float *weights, float *states) {
    const long width = padded(head_size);
    const int most = scaled ? GROUP / V_LANES : V_COLUMNS(rows);
    const long size = scaled ? GROUP : width;
    float products[V_ROWS * PANEL];
    for (long column = 0; column < width;) {
        const float *from = weights;
        if (scaled) {
            for (long p = 0; p < PANEL; p += V_LANES) {
                const V_FLOAT scale = V_HALVES(scales[p / BLOCK] + 2 * (column / GROUP * BLOCK + p % BLOCK));
                for (int r = 0; r < rows; r++)
                    V_STORE(products + r * PANEL + p, V_MUL(V_LOAD(weights + r * RUN + p), scale));
            }
            from = products;
        }
        const long end = smaller(width, column + size);
#define COLUMNS(vectors) \
        for (; column + (vectors) * V_LANES <= end; column += (vectors) * V_LANES) \
            V_NAME(add_tile)(bytes, rows, vectors, values, ahead, head_size, column, count, from, \
                             scaled ? PANEL : RUN, states);
        if (most == 4) { COLUMNS(4) }
        COLUMNS(2)
        COLUMNS(1)
#undef COLUMNS
    }
}

#define V_EACH_ROWS(CASE) CASE(1) CASE(2) CASE(3) CASE(4)
#if V_ROWS == 8
#undef V_EACH_ROWS
#define V_EACH_ROWS(CASE) CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8)
#endif

// A panel of 64 positions of which all four blocks are named.
V_INLINE void V_NAME(score_panel)(const int bytes, const int scaled, const int rows, const uint8_t *const *keys,
                                  const uint8_t *const *scales, const uint8_t *const *ahead, const long head_size,
                                  const float *queries, float *scores) {
    switch (rows) {
#define CASE(count) \
        case count: \
            for (int b = 0; b < PANEL_BLOCKS; b += V_BLOCKS(count)) \
                V_NAME(score_tile)(bytes, scaled, count, keys + b, scales + b, ahead + b, head_size, queries, \
                                   scores + b * BLOCK); \
            break;
        V_EACH_ROWS(CASE)
#undef CASE
    }
}

V_INLINE void V_NAME(add_panel)(const int bytes, const int scaled, const int rows, const uint8_t *const *values,
                                const uint8_t *const *scales, const uint8_t *const *ahead, const long head_size,
                                const long count, const float *weights, float *states) {
    switch (rows) {
#define CASE(number) \
        case number: \
            V_NAME(add_rows)(bytes, scaled, number, values, scales, ahead, head_size, count, weights, states); \
            break;
        V_EACH_ROWS(CASE)
#undef CASE
    }
}

V_INLINE void V_NAME(expand)(const int bytes, const uint8_t *from, const long count, float *to) {
    for (long at = 0; at < count; at += V_LANES) V_STORE(to + at, V_NAME(numbers)(bytes, from + at * bytes));
}

V_INLINE float V_NAME(highest)(const float *scores, const long count) {
    V_FLOAT most = V_FLOATS(-INFINITY);
    for (long at = 0; at < count; at += V_LANES) most = V_MAX(most, V_LOAD(scores + at));
    float lanes[V_LANES];
    V_STORE(lanes, most);
    for (int half = V_LANES / 2; half > 0; half /= 2)
        for (int lane = 0; lane < half; lane++)
            lanes[lane] = lanes[lane] > lanes[lane + half] ? lanes[lane] : lanes[lane + half];
    return lanes[0];
}

// What weights under one highest score are worth under a higher one.
V_INLINE float V_NAME(shrink)(const float before, const float highest) {
    const float exponent = before - highest;
    if (exponent < LEAST_EXPONENT) return 0;
    float lanes[V_LANES];
    V_STORE(lanes, V_NAME(exponential)(V_FLOATS(exponent)));
    return lanes[0];
}

// Turns `count` scores into weights under the highest score so far, and what was summed up before too.
V_INLINE void V_NAME(soften)(float *scores, const long count, float *state, const long width) {
    const long end = (count + BLOCK - 1) / BLOCK * BLOCK;
    for (long at = count; at < end; at++) scores[at] = -INFINITY;
    const float before = state[0];
    const float seen = V_NAME(highest)(scores, end);
    const float highest = before > seen ? before : seen; // which is what is not a number
    state[0] = highest;
    if (highest != before) {
        const V_FLOAT factor = V_FLOATS(V_NAME(shrink)(before, highest));
        for (long at = BLOCK; at < STATE_HEADER + width; at += V_LANES)
            V_STORE(state + at, V_MUL(V_LOAD(state + at), factor));
    }
    V_FLOAT total[V_PER_BLOCK];
    for (int v = 0; v < V_PER_BLOCK; v++) total[v] = V_ZERO();
    for (long at = 0; at < end; at += BLOCK)
        for (int v = 0; v < V_PER_BLOCK; v++) {
            // What is not a number is the second operand, and so remains.
            const V_FLOAT exponent = V_SUB(V_LOAD(scores + at + v * V_LANES), V_FLOATS(highest));
            const V_FLOAT weight = V_NAME(exponential)(V_MAX(V_FLOATS(LEAST_EXPONENT), exponent));
            V_STORE(scores + at + v * V_LANES, weight);
            total[v] = V_ADD(weight, total[v]);
        }
    for (int v = 0; v < V_PER_BLOCK; v++) {
        float *to = state + BLOCK + v * V_LANES;
        V_STORE(to, V_ADD(V_LOAD(to), total[v]));
    }
    for (long at = count; at < end; at++) scores[at] = 0;
}

// Of a panel: its numbers, which are f32 where `expanded`, their scales, and what is asked for meanwhile.
struct V_NAME(panel) {
    const uint8_t *numbers[PANEL_BLOCKS];
    const uint8_t *scales[PANEL_BLOCKS];
    const uint8_t *ahead[PANEL_BLOCKS];
};

V_INLINE void V_NAME(score_rows)(const int bytes, const int scaled, const struct run *x, const long at,
                                 const struct V_NAME(panel) *panel) {
    for (long row = 0; row < x->rows; row += V_ROWS) {
        const int rows = (int)smaller(V_ROWS, x->rows - row);
        if (x->lengths[row + rows - 1] <= x->first + at) continue;
        V_NAME(score_panel)(bytes, scaled, rows, panel->numbers, panel->scales, row == 0 ? panel->ahead : panel->numbers,
                            x->head_size, x->queries + row * padded(x->head_size), x->scores + row * RUN + at);
    }
}

V_INLINE void V_NAME(add_all)(const int bytes, const int scaled, const struct run *x, const long at,
                              const struct V_NAME(panel) *panel) {
    for (long row = 0; row < x->rows; row += V_ROWS) {
        const int rows = (int)smaller(V_ROWS, x->rows - row);
        const long seen = smaller(PANEL, x->lengths[row + rows - 1] - x->first - at);
        if (seen <= 0) continue;
        V_NAME(add_panel)(bytes, scaled, rows, panel->numbers, panel->scales, row == 0 ? panel->ahead : panel->numbers,
                          x->head_size, seen, x->scores + row * RUN + at,
                          x->states + row * (STATE_HEADER + padded(x->head_size)));
    }
}

// Expanded numbers with scales and without.
V_TARGET static void V_NAME(score_f32)(const int scaled, const struct run *x, const long at,
                                       const struct V_NAME(panel) *panel) {
    if (scaled) V_NAME(score_rows)(BYTES_F32, 1, x, at, panel);
    else V_NAME(score_rows)(BYTES_F32, 0, x, at, panel);
}

V_TARGET static void V_NAME(add_f32)(const int scaled, const struct run *x, const long at,
                                     const struct V_NAME(panel) *panel) {
    if (scaled) V_NAME(add_all)(BYTES_F32, 1, x, at, panel);
    else V_NAME(add_all)(BYTES_F32, 0, x, at, panel);
}

// The weights of a run from its scores; those of positions that a row does not see, but another one of its tile, are 0.
// Meanwhile the first keys of the next run are asked for.
V_TARGET static void V_NAME(weigh)(const int bytes, const struct run *x) {
    enum { LINES = 16 };
    const long width = padded(x->head_size);
    for (long row = 0; row < x->rows; row++) {
        const long last = smaller(x->rows - 1, row / V_ROWS * V_ROWS + V_ROWS - 1);
        const long seen = smaller(RUN, x->lengths[row] - x->first);
        const long needed = smaller(RUN, (x->lengths[last] - x->first + PANEL - 1) / PANEL * PANEL);
        float *scores = x->scores + row * RUN;
        if (row < x->ahead) {
            const uint8_t *wanted = x->keys + x->blocks[RUN / BLOCK + row] * key_bytes(bytes, x->head_size);
            for (int line = 0; line < LINES; line++) __builtin_prefetch(wanted + line * 64, 0, 2);
        }
        if (seen > 0) V_NAME(soften)(scores, seen, x->states + row * (STATE_HEADER + width), width);
        for (long at = seen > 0 ? seen : 0; at < needed; at++) scores[at] = 0;
    }
}

// A run of numbers of `bytes` bytes. While keys are scored the values of the run are asked for, and while those are
// summed up the keys of the next one, so that memory is always busy. Where many rows share a panel it is expanded once.
V_INLINE void V_NAME(attend_all)(const int bytes, const struct run *x) {
    const int scaled = bytes == BYTES_Q8;
    const long head_size = x->head_size;
    const long width = padded(head_size);
    const long longest = smaller(RUN, x->lengths[x->rows - 1] - x->first);
    const long last_block = (longest - 1) / BLOCK;
    const int expanded = bytes != BYTES_F32 && x->rows > 2 * V_ROWS;
    struct V_NAME(panel) panel;
    for (long at = 0; at < longest; at += PANEL) {
        for (int b = 0; b < PANEL_BLOCKS; b++) {
            // Scores of what is no block any more are not used.
            const long block = x->blocks[smaller(at / BLOCK + b, last_block)];
            panel.scales[b] = x->keys + block * key_bytes(bytes, head_size);
            panel.numbers[b] = panel.scales[b] + scale_bytes(bytes, head_size);
            panel.ahead[b] = x->values + block * value_bytes(bytes, head_size);
            if (expanded) {
                float *to = x->panel + b * BLOCK * head_size;
                V_NAME(expand)(bytes, panel.numbers[b], BLOCK * head_size, to);
                panel.numbers[b] = panel.ahead[b] = (const uint8_t *)to;
            }
        }
        if (expanded) V_NAME(score_f32)(scaled, x, at, &panel);
        else V_NAME(score_rows)(bytes, scaled, x, at, &panel);
    }
    V_NAME(weigh)(bytes, x);
    for (long at = 0; at < longest; at += PANEL) {
        for (int b = 0; b < PANEL_BLOCKS; b++) {
            const long number = at / BLOCK + b;
            const long block = x->blocks[smaller(number, last_block)];
            panel.scales[b] = x->values + block * value_bytes(bytes, head_size);
            panel.numbers[b] = panel.scales[b] + scale_bytes(bytes, head_size);
            panel.ahead[b] = number < x->ahead ? x->keys + x->blocks[RUN / BLOCK + number] * key_bytes(bytes, head_size)
                                               : panel.numbers[b];
            if (expanded) {
                float *to = x->panel + b * BLOCK * width;
                V_NAME(expand)(bytes, panel.numbers[b], BLOCK * width, to);
                panel.numbers[b] = panel.ahead[b] = (const uint8_t *)to;
            }
        }
        if (expanded) V_NAME(add_f32)(scaled, x, at, &panel);
        else V_NAME(add_all)(bytes, scaled, x, at, &panel);
    }
}

V_TARGET static void V_NAME(attend)(const int bytes, const struct run *x) {
    switch (bytes) {
        case BYTES_Q8: V_NAME(attend_all)(BYTES_Q8, x); break;
        case BYTES_F16: V_NAME(attend_all)(BYTES_F16, x); break;
        default: V_NAME(attend_all)(BYTES_F32, x);
    }
}

#undef V_EACH_ROWS
#undef V_PER_BLOCK
