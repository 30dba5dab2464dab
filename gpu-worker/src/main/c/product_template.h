// The body of a matrix product for one width of vectors; included once for each of them by millrace_kernels.c, which
// defines the operations (V_...) before. A lane is a row of the group, so there is no sum across lanes.

// Four columns of as many rows as there are lanes, unsigned, one byte each. `quads` is the number (0..7) of the four
// columns within the unit, `bits` what a quant has in memory.
V_INLINE V_INT V_NAME(quants)(const uint8_t *unit, const int bits, const int quad, const long rows_at) {
    if (bits == 8) return V_LOAD(unit + quad * 256 + rows_at);
    V_INT nibbles = V_LOAD(unit + quad / 2 * 256 + rows_at);
    nibbles = V_AND(quad % 2 ? V_SHIFT_RIGHT(nibbles, 4) : nibbles, V_BYTES(0x0f));
    if (bits == 4) return nibbles;
    // The upper bits of column `4 * i + j` stand in byte `j` of an int, from bit `i * (bits - 4)` on.
    const int per_byte = bits == 5 ? 8 : 4;
    const int shift = 4 - quad % per_byte * (bits - 4);
    V_INT upper = V_LOAD(unit + 1024 + quad / per_byte * 256 + rows_at);
    upper = shift >= 0 ? V_SHIFT_LEFT(upper, shift) : V_SHIFT_RIGHT(upper, -shift);
    return V_OR(nibbles, V_AND(upper, V_BYTES(bits == 5 ? 0x10 : 0x30)));
}

// Sums of the columns of `half` of a unit (all columns, where there are no halves) for `count` tokens and the rows of
// V_VECTORS vectors, as whole numbers. `ahead` is what will be needed later; `lines` of it are asked for with every four
// columns.
V_INLINE void V_NAME(sum)(const struct layout layout, const uint8_t *quants, const struct rows x, const long u,
                          const int half, const long first, const int count, const long rows_at,
                          V_INT sum[V_TOKENS][V_VECTORS], const uint8_t *ahead, const int lines) {
    for (int m = 0; m < count; m++) {
        const int32_t *sums = x.sums + row_at(x, first + m, u) * 2;
        const int32_t start = layout.halves == 2 ? sums[half] : sums[0] + sums[1];
        const int zero = V_SIGNED_BYTES && layout.bits == 8 ? 0 : layout.zero;
        for (int n = 0; n < V_VECTORS; n++) sum[m][n] = V_INTS(-zero * start);
    }
#pragma GCC unroll 8
    for (int q = 8 / layout.halves * half; q < 8 / layout.halves * (half + 1); q++) {
        // Spread over the work, so that what is on its way seldom waits for a free buffer.
        for (int line = 0; line < lines; line++) __builtin_prefetch(ahead + (q * lines + line) * 64, 0, 2);
        V_INT weights[V_VECTORS];
        for (int n = 0; n < V_VECTORS; n++)
            weights[n] = V_NAME(quants)(quants, layout.bits, q, rows_at + n * V_WIDTH);
        for (int m = 0; m < count; m++) {
            const V_INT four = V_INTS(*(const int32_t *)(quants_at(x, first + m, u) + q * 4));
            for (int n = 0; n < V_VECTORS; n++) sum[m][n] = V_DOT(sum[m][n], weights[n], four, layout.bits);
        }
    }
}

// Adds one unit's part to `target`. Sums within a unit are whole numbers, so how they come about does not matter; they
// are scaled and added unit by unit, which gives every element its one order.
V_INLINE void V_NAME(tile)(const struct layout layout, const uint8_t *block, const uint8_t *unit, const struct rows x,
                           const long u, const long first, const int count, const long rows_at, float *target,
                           const uint8_t *ahead, const int lines) {
    V_INT sum[V_TOKENS][V_VECTORS];
    V_NAME(sum)(layout, unit, x, u, 0, first, count, rows_at, sum, ahead, lines);
    for (int n = 0; n < V_VECTORS; n++) {
        const long row = rows_at / 4 + n * V_LANES;
        const V_FLOAT scale = V_HALVES(block + row * 2);
        for (int m = 0; m < count; m++) {
            const V_FLOAT both = V_MUL(scale, V_FLOATS(x.scales[row_at(x, first + m, u)]));
            float *to = target + (first + m) * 64 + row;
            V_STORE(to, V_FMA(V_CONVERT(sum[m][n]), both, V_LOAD_FLOATS(to)));
        }
        if (layout.kind == KIND_MINIMUM) {
            const V_FLOAT minimum = V_HALVES(block + 128 + row * 2);
            for (int m = 0; m < count; m++) {
                float *to = target + (first + m) * 64 + row;
                const V_FLOAT sums = V_FLOATS(x.scaled_sums[row_at(x, first + m, u)]);
                V_STORE(to, V_FMA(minimum, sums, V_LOAD_FLOATS(to)));
            }
        }
    }
}

// Minimums of the unit before `unit` and of this one in a K block, 16 bits each, from `row` on.
V_INLINE V_INT V_NAME(minimum_pairs)(const struct layout layout, const uint8_t *unit, const long row) {
    return V_OR(V_UNSIGNED(unit - layout.unit_bytes + 64 + row), V_UPPER_SHORTS(V_UNSIGNED(unit + 64 + row)));
}

// Adds one unit of a K block to `wholes` [tokens from `from` on][64], which it overwrites with the block's first unit;
// with the last one, what the block gives is scaled and added to `target`.
V_INLINE void V_NAME(tile_k)(const struct layout layout, const uint8_t *block, const uint8_t *unit, const struct rows x,
                             const long u, const long from, const long first, const int count, const long rows_at,
                             int32_t *wholes, float *target, const uint8_t *ahead, const int lines) {
    const long in_block = u % layout.block_units;
#pragma GCC unroll 2
    for (int half = 0; half < layout.halves; half++) {
        V_INT sum[V_TOKENS][V_VECTORS];
        V_NAME(sum)(layout, unit + layout.unit_header_bytes, x, u, half, first, count, rows_at, sum, ahead, lines);
        for (int n = 0; n < V_VECTORS; n++) {
            const long row = rows_at / 4 + n * V_LANES;
            const V_INT scale = layout.zero != 0 ? V_SIGNED(unit + half * 64 + row) : V_UNSIGNED(unit + row);
            for (int m = 0; m < count; m++) {
                int32_t *to = wholes + (first - from + m) * 64 + row;
                const V_INT product = V_MUL_INTS(sum[m][n], scale);
                V_STORE_INTS(to, in_block + half == 0 ? product : V_ADD_INTS(product, V_LOAD(to)));
            }
        }
    }
    if (in_block != layout.block_units - 1) return;
    const int minimums = layout.kind == KIND_K_MINIMUM;
    int32_t sum_pairs[V_TOKENS][4];
    if (minimums)
        for (int m = 0; m < count; m++)
            for (int pair = 0; pair < 4; pair++) sum_pairs[m][pair] = sum_pair(x, first + m, u - 7 + 2 * pair);
    for (int n = 0; n < V_VECTORS; n++) {
        const long row = rows_at / 4 + n * V_LANES;
        const V_FLOAT scale = V_HALVES(block + row * 2);
        for (int m = 0; m < count; m++) {
            const V_FLOAT both = V_MUL(scale, V_FLOATS(x.scales[row_at(x, first + m, u)]));
            float *to = target + (first + m) * 64 + row;
            const V_INT whole = V_LOAD(wholes + (first - from + m) * 64 + row);
            V_STORE(to, V_FMA(V_CONVERT(whole), both, V_LOAD_FLOATS(to)));
        }
        if (!minimums) continue;
        V_INT pairs[4];
        for (int pair = 0; pair < 4; pair++)
            pairs[pair] = V_NAME(minimum_pairs)(layout, unit - (6 - 2 * pair) * layout.unit_bytes, row);
        const V_FLOAT minimum = V_MINUS(V_HALVES(block + 128 + row * 2));
        for (int m = 0; m < count; m++) {
            V_INT sum = V_INTS(0);
            for (int pair = 0; pair < 4; pair++)
                sum = V_DOT_SHORTS(sum, pairs[pair], V_INTS(sum_pairs[m][pair]));
            const V_FLOAT both = V_MUL(minimum, V_FLOATS(x.scales[row_at(x, first + m, u)]));
            float *to = target + (first + m) * 64 + row;
            V_STORE(to, V_FMA(V_CONVERT(sum), both, V_LOAD_FLOATS(to)));
        }
    }
}

// Tokens go through a unit while it is in the nearest cache, 16 at the most, so that their sums are there as well; the
// next units come from memory meanwhile.
V_INLINE void V_NAME(all)(const struct layout layout, const uint8_t *group, const struct rows x, float *target) {
    enum { TOGETHER = 16 };
    int32_t wholes[TOGETHER * 64];
    memset(target, 0, (size_t)x.tokens * 64 * sizeof(float));
    for (long from = 0; from < x.tokens; from += TOGETHER) {
        const long to = x.tokens - from < TOGETHER ? x.tokens : from + TOGETHER;
        const long tiles = (to - from + V_TOKENS - 1) / V_TOKENS * (4 * 16 / V_LANES / V_VECTORS);
        const int lines = from > 0 ? 0 : (int)((layout.unit_bytes / 64 + 8 * tiles - 1) / (8 * tiles));
        for (long u = 0; u < x.units; u++) {
            const uint8_t *block = group + u / layout.block_units * layout.block_bytes;
            const uint8_t *unit = unit_at(layout, group, u);
            const uint8_t *ahead = unit + PREFETCH_BYTES;
            for (long first = from; first < to; first += V_TOKENS)
                for (long rows_at = 0; rows_at < 256; rows_at += V_VECTORS * V_WIDTH, ahead += 8 * lines * 64) {
#define TILE(count) \
    if (layout.block_units == 1) V_NAME(tile)(layout, block, unit, x, u, first, count, rows_at, target, ahead, lines); \
    else V_NAME(tile_k)(layout, block, unit, x, u, from, first, count, rows_at, wholes, target, ahead, lines)
                    switch (to - first) {
                        case 1: TILE(1); break;
                        case 2: TILE(2); break;
                        case 3: TILE(3); break;
                        default: TILE(V_TOKENS);
                    }
#undef TILE
                }
        }
    }
}

V_TARGET static void V_NAME(product)(int type, const uint8_t *group, struct rows x, float *target) {
    switch (type) {
#define CASE(id, layout) case id: V_NAME(all)(layout, group, x, target); break;
        EACH_LAYOUT(CASE)
        EACH_K_LAYOUT(CASE)
#undef CASE
    }
}
