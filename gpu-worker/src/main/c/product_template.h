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

// `count` tokens with `vectors` vectors of rows from `rows_at / 4` on. Block sums are whole numbers, so how they come
// about does not matter; they are scaled and added unit by unit, which gives every element its one order.
V_INLINE void V_NAME(tile)(const struct layout layout, const uint8_t *group, const struct rows x, const long first,
                           const int count, const int vectors, const long rows_at, const long pass, const long passes,
                           float *target) {
    // Every pass over the group asks for its part of what comes next.
    const long ahead_lines = layout.unit_bytes / 64 / passes;
    const long ahead = passes == 1 ? PREFETCH_BYTES : group_bytes(layout, x.units) + pass * ahead_lines * 64;
    V_FLOAT total[V_TOKENS][V_VECTORS];
    for (int m = 0; m < count; m++)
        for (int n = 0; n < vectors; n++) total[m][n] = V_ZERO();
    for (long u = 0; u < x.units; u++) {
        const uint8_t *block = group + u / layout.block_units * layout.block_bytes;
        const uint8_t *unit = block + layout.header_bytes + u % layout.block_units * layout.unit_bytes;
        const uint8_t *quants = unit + layout.unit_header_bytes;
        for (int half = 0; half < layout.halves; half++) {
            V_INT sum[V_TOKENS][V_VECTORS];
            for (int m = 0; m < count; m++) {
                const int32_t *sums = x.sums + row_at(x, first + m, u) * 2;
                const int32_t start = layout.halves == 2 ? sums[half] : sums[0] + sums[1];
                for (int n = 0; n < vectors; n++) sum[m][n] = V_INTS(-layout.zero * start);
            }
#pragma GCC unroll 8
            for (int q = 8 / layout.halves * half; q < 8 / layout.halves * (half + 1); q++) {
                V_INT weights[V_VECTORS];
                // Spread over the unit, so that what is on its way never waits for a free buffer.
                for (long at = q * ahead_lines / 8; at < (q + 1) * ahead_lines / 8; at++)
                    __builtin_prefetch(unit + ahead + at * 64, 0, 2);
                for (int n = 0; n < vectors; n++)
                    weights[n] = V_NAME(quants)(quants, layout.bits, q, rows_at + n * V_WIDTH);
                for (int m = 0; m < count; m++) {
                    const V_INT four = V_INTS(*(const int32_t *)(x.quants + row_at(x, first + m, u) * 32 + q * 4));
                    for (int n = 0; n < vectors; n++) sum[m][n] = V_DOT(sum[m][n], weights[n], four, layout.bits);
                }
            }
            for (int n = 0; n < vectors; n++) {
                const long row = rows_at / 4 + n * V_LANES;
                V_FLOAT scale = V_HALVES(block + row * 2);
                if (layout.kind == KIND_K_MINIMUM) scale = V_MUL(scale, V_UNSIGNED(unit + row));
                if (layout.kind == KIND_K_HALVES) scale = V_MUL(scale, V_SIGNED(unit + half * 64 + row));
                for (int m = 0; m < count; m++) {
                    const V_FLOAT both = V_MUL(scale, V_FLOATS(x.scales[row_at(x, first + m, u)]));
                    total[m][n] = V_FMA(V_CONVERT(sum[m][n]), both, total[m][n]);
                }
                if (layout.kind == KIND_MINIMUM || layout.kind == KIND_K_MINIMUM) {
                    V_FLOAT minimum = V_HALVES(block + 128 + row * 2);
                    if (layout.kind == KIND_K_MINIMUM) minimum = V_MINUS(V_MUL(minimum, V_UNSIGNED(unit + 64 + row)));
                    for (int m = 0; m < count; m++)
                        total[m][n] = V_FMA(minimum, V_FLOATS(x.scaled_sums[row_at(x, first + m, u)]), total[m][n]);
                }
            }
        }
    }
    for (int m = 0; m < count; m++)
        for (int n = 0; n < vectors; n++)
            V_STORE(target + (first + m) * 64 + rows_at / 4 + n * V_LANES, total[m][n]);
}

V_INLINE void V_NAME(all)(const struct layout layout, const uint8_t *group, const struct rows x, float *target) {
    const long passes = (x.tokens + V_TOKENS - 1) / V_TOKENS * (4 * 16 / V_LANES / V_VECTORS);
    long pass = 0;
    for (long first = 0; first < x.tokens; first += V_TOKENS)
        for (long rows_at = 0; rows_at < 256; rows_at += V_VECTORS * V_WIDTH, pass++) {
            switch (x.tokens - first) {
                case 1: V_NAME(tile)(layout, group, x, first, 1, V_VECTORS, rows_at, pass, passes, target); break;
                case 2: V_NAME(tile)(layout, group, x, first, 2, V_VECTORS, rows_at, pass, passes, target); break;
                case 3: V_NAME(tile)(layout, group, x, first, 3, V_VECTORS, rows_at, pass, passes, target); break;
                default: V_NAME(tile)(layout, group, x, first, V_TOKENS, V_VECTORS, rows_at, pass, passes, target);
            }
        }
}

V_TARGET static void V_NAME(product)(int type, const uint8_t *group, struct rows x, float *target) {
    switch (type) {
#define CASE(id, layout) case id: V_NAME(all)(layout, group, x, target); break;
        EACH_LAYOUT(CASE)
#undef CASE
    }
}
