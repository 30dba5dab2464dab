// The body of a product of plain weights for one width of vectors; included once for each of them by plain.c, which
// defines the operations (V_...) before. A lane is a row of the group, so there is no sum across lanes.

V_INLINE V_FLOAT V_NAME(weights)(const int type, const uint8_t *at) {
    if (type == TYPE_F16) return V_HALVES(at);
    if (type == TYPE_BF16) return V_BRAIN_FLOATS(at);
    return V_LOAD_FLOATS((const float *)at);
}

static inline __attribute__((always_inline)) long V_NAME(width)(const int type) {
    return type == TYPE_F32 ? sizeof(float) : sizeof(uint16_t);
}

// Adds a panel's part for `count` tokens from `x` on and `vectors` vectors of rows to `target`; `lines` cache lines are
// asked for with every column.
V_INLINE void V_NAME(tile)(const int type, const int count, const int vectors, const uint8_t *panel, const long columns,
                           const float *x, const long stride, float *target, struct ahead ahead, const int lines) {
    V_FLOAT sum[TILE_TOKENS][ROWS / V_LANES];
    for (int m = 0; m < count; m++)
        for (int n = 0; n < vectors; n++) sum[m][n] = V_ZERO();
    for (long k = 0; k < columns; k++, ahead.from += ahead.step) {
        for (int line = 0; line < lines; line++) __builtin_prefetch(ahead.from + line * 64, 0, 2);
        const uint8_t *column = panel + k * ROWS * V_NAME(width)(type);
        V_FLOAT weights[ROWS / V_LANES];
        for (int n = 0; n < vectors; n++) weights[n] = V_NAME(weights)(type, column + n * V_LANES * V_NAME(width)(type));
        for (int m = 0; m < count; m++) {
            const V_FLOAT value = V_FLOATS(x[m * stride + k]);
            for (int n = 0; n < vectors; n++) sum[m][n] = V_FMA(weights[n], value, sum[m][n]);
        }
    }
    for (int m = 0; m < count; m++)
        for (int n = 0; n < vectors; n++) {
            float *to = target + m * ROWS + n * V_LANES;
            V_STORE(to, V_ADD(V_LOAD_FLOATS(to), sum[m][n]));
        }
}

V_INLINE void V_NAME(tiles)(const int type, const int count, const uint8_t *panel, const long columns, const float *x,
                            const long stride, float *target, struct ahead ahead, const int lines) {
    const int vectors = V_VECTORS_OF(count);
    for (int row = 0; row < ROWS; row += vectors * V_LANES, ahead.from += columns * ahead.step)
        V_NAME(tile)(type, count, vectors, panel + row * V_NAME(width)(type), columns, x, stride, target + row, ahead,
                     lines);
}

V_TARGET static void V_NAME(expand)(const int type, const uint8_t *panel, const long columns, float *target) {
    for (long at = 0; at < columns * ROWS; at += V_LANES) V_STORE(target + at, V_NAME(weights)(type, panel + at * 2));
}

// All tokens go through a panel while it is in the nearest cache, in tiles of about the same size.
V_INLINE void V_NAME(panel)(const int type, const uint8_t *panel, const long columns, const struct activations x,
                            const float *values, float *target, struct ahead ahead, const int lines) {
    for (long from = 0, tiles = (x.tokens + TILE_TOKENS - 1) / TILE_TOKENS; tiles > 0; tiles--) {
        const long count = (x.tokens - from + tiles - 1) / tiles;
        switch (count) {
#define TILES(count) \
            case count: \
                V_NAME(tiles)(type, count, panel, columns, values + from * x.stride, x.stride, target + from * ROWS, \
                              ahead, lines); \
                break;
            TILES(1)
            TILES(2)
            TILES(3)
            TILES(4)
            TILES(5)
            TILES(6)
#undef TILES
        }
        from += count;
        ahead.from += columns * ahead.step * (ROWS / V_LANES / V_VECTORS_OF(count));
    }
}

V_INLINE void V_NAME(all)(const int type, const uint8_t *group, const long columns, const struct activations x,
                          float *target, float *expanded) {
    const long column_bytes = ROWS * V_NAME(width)(type);
    memset(target, 0, (size_t)x.tokens * ROWS * sizeof(float));
    const long rounds = (x.tokens + TILE_TOKENS - 1) / TILE_TOKENS * (ROWS / V_LANES / V_VECTORS_OF(x.tokens));
    for (long first = 0; first < columns; first += PANEL_COLUMNS) {
        const long count = columns - first < PANEL_COLUMNS ? columns - first : PANEL_COLUMNS;
        const uint8_t *panel = group + first * column_bytes;
        const struct ahead ahead = {panel + PANEL_COLUMNS * column_bytes, column_bytes / rounds};
        if (x.tokens == 1) {
            V_NAME(tiles)(type, 1, panel, count, x.values + first, x.stride, target, ahead, column_bytes / 64);
        } else if (type == TYPE_F32 || rounds == 1) {
            V_NAME(panel)(type, panel, count, x, x.values + first, target, ahead, column_bytes / 64);
        } else {
            V_NAME(expand)(type, panel, count, expanded);
            V_NAME(panel)(TYPE_F32, (const uint8_t *)expanded, count, x, x.values + first, target, ahead, 1);
        }
    }
}

V_TARGET static void V_NAME(product)(int type, const uint8_t *group, long columns, struct activations x, float *target,
                                     float *expanded) {
    switch (type) {
        case TYPE_F16: V_NAME(all)(TYPE_F16, group, columns, x, target, expanded); break;
        case TYPE_BF16: V_NAME(all)(TYPE_BF16, group, columns, x, target, expanded); break;
        default: V_NAME(all)(TYPE_F32, group, columns, x, target, expanded);
    }
}
