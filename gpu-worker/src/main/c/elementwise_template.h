// What is done value by value, for one width of vectors; included once for each of them by elementwise.c, which defines
// the operations (V_...) before. A row's results do not depend on the rows beside it.

// g / (1 + exp(-g)) * u, step by step as Exponential.java does it: where results are rounded to 8 bits, the last bit of
// a value decides now and then, and both kinds of kernels are to decide alike.
V_INLINE V_FLOAT V_NAME(gated)(const V_FLOAT g, const V_FLOAT u) {
    // The limits come first, so that what is no number passes.
    const V_FLOAT x = V_MIN(V_FLOATS(88.0f), V_MAX(V_FLOATS(-87.0f), V_SUB(V_FLOATS(0.0f), g)));
    const V_FLOAT rounding = V_FLOATS(0x1.8p23f);
    const V_FLOAT rounded = V_FMA(x, V_FLOATS(1.44269504f), rounding);
    const V_FLOAT whole = V_SUB(rounded, rounding);
    const V_FLOAT rest = V_FMA(whole, V_FLOATS(2.12194440e-4f), V_FMA(whole, V_FLOATS(-0.693359375f), x));
    V_FLOAT sum = V_FMA(rest, V_FLOATS(1.9875691500e-4f), V_FLOATS(1.3981999507e-3f));
    sum = V_FMA(rest, sum, V_FLOATS(8.3334519073e-3f));
    sum = V_FMA(rest, sum, V_FLOATS(4.1665795894e-2f));
    sum = V_FMA(rest, sum, V_FLOATS(1.6666665459e-1f));
    sum = V_FMA(rest, sum, V_FLOATS(5.0000001201e-1f));
    const V_FLOAT mantissa = V_ADD(V_FMA(V_MUL(rest, rest), sum, rest), V_FLOATS(1.0f));
    const V_FLOAT power = V_TIMES_POWER(mantissa, rounded);
    return V_MUL(V_DIV(g, V_ADD(power, V_FLOATS(1.0f))), u);
}

V_INLINE void V_NAME(gate_row)(const float *gates, const float *ups, const float *gate_bias, const float *up_bias, float *to) {
    for (int at = 0; at < GROUP_ROWS; at += V_LANES) {
        V_FLOAT g = V_LOAD(gates + at);
        V_FLOAT u = V_LOAD(ups + at);
        if (gate_bias != NULL) g = V_ADD(g, V_LOAD(gate_bias + at));
        if (up_bias != NULL) u = V_ADD(u, V_LOAD(up_bias + at));
        V_STORE(to + at, V_NAME(gated)(g, u));
    }
}

// Rounds `count` rows, 16 at the most, the first of them at `from`, which are the tokens from `first` on, a multiple of
// 16; of their `of` units those from `unit` on, `units` of them, stand there, whole blocks.
V_INLINE void V_NAME(round_rows)(const float *from, const long stride, const long first, const long count,
                                 const long unit, const long units, const long of, const struct rounded to) {
    const float *blocks[TOGETHER];
    int32_t largest[TOGETHER];
    long places[TOGETHER];
    long quants_places[TOGETHER];
    if (count == TOGETHER) {
        for (long u = 0; u < units; u++) {
            for (long next = u; u % to.block_units == 0 && next < u + to.block_units; next++) {
                int32_t own[TOGETHER];
                for (long m = 0; m < TOGETHER; m++) blocks[m] = from + m * stride + next * UNIT_COLUMNS;
                V_NAME(largest)(blocks, own);
                for (int m = 0; m < TOGETHER; m++) largest[m] = next == u || own[m] > largest[m] ? own[m] : largest[m];
            }
            for (long m = 0; m < TOGETHER; m++) blocks[m] = from + m * stride + u * UNIT_COLUMNS;
            places[0] = place(first, unit + u, of);
            quants_places[0] = quants_place(first, unit + u, of);
            V_NAME(round_units)(blocks, largest, places, quants_places, TOGETHER, 1, to);
        }
        return;
    }
    int filled = 0;
    for (long m = 0; m < count; m++)
        for (long u = 0; u < units; u++) {
            blocks[filled] = from + m * stride + u * UNIT_COLUMNS;
            places[filled] = place(first + m, unit + u, of);
            quants_places[filled++] = quants_place(first + m, unit + u, of);
            if (filled < TOGETHER && (m < count - 1 || u < units - 1)) continue;
            for (int missing = filled; missing < TOGETHER; missing++) blocks[missing] = zeros;
            V_NAME(largest)(blocks, largest);
            if (to.block_units > 1)
                for (int block = 0; block < TOGETHER; block += LONG_UNITS) {
                    int32_t most = 0;
                    for (int i = block; i < block + LONG_UNITS; i++) most = largest[i] > most ? largest[i] : most;
                    for (int i = block; i < block + LONG_UNITS; i++) largest[i] = most;
                }
            V_NAME(round_units)(blocks, largest, places, quants_places, filled, 0, to);
            filled = 0;
        }
}

V_TARGET static void V_NAME(round)(const float *from, const long stride, const long first, const long count,
                                   const long unit, const long units, const long of, const struct rounded to) {
    V_NAME(round_rows)(from, stride, first, count, unit, units, of, to);
}

V_TARGET static void V_NAME(norm)(const float *from, float *target, const long stride, const long columns,
                                  const float *weight, const float epsilon, const long first, const long count,
                                  const long units, const struct rounded to) {
    for (long m = 0; m < count; m++) {
        const float *x = from + m * stride;
        V_FLOAT squares = V_FLOATS(0.0f);
        for (long at = 0; at < stride; at += V_LANES) squares = V_FMA(V_LOAD(x + at), V_LOAD(x + at), squares);
        float lanes[V_LANES];
        V_STORE(lanes, squares);
        double sum = 0;
        for (int lane = 0; lane < V_LANES; lane++) sum += lanes[lane];
        const V_FLOAT scale = V_FLOATS((float)(1 / root(sum / (double)columns + epsilon)));
        for (long at = 0; at < stride; at += V_LANES)
            V_STORE(target + m * stride + at, V_MUL(V_MUL(V_LOAD(x + at), scale), V_LOAD(weight + at)));
    }
    if (units > 0) V_NAME(round_rows)(target, stride, first, count, 0, units, units, to);
}

V_TARGET static void V_NAME(gate)(const float *gates, const float *ups, const float *gate_bias, const float *up_bias,
                                  const long tokens, float *target, const long stride, const long unit,
                                  const long units, const long of, const struct rounded to) {
    _Alignas(64) float gated[TOGETHER * GROUP_ROWS];
    for (long first = 0; first < tokens; first += TOGETHER) {
        const long count = tokens - first < TOGETHER ? tokens - first : TOGETHER;
        float *rows = units > 0 ? gated : target + first * stride;
        const long apart = units > 0 ? GROUP_ROWS : stride;
        for (long m = 0; m < count; m++)
            V_NAME(gate_row)(gates + (first + m) * GROUP_ROWS, ups + (first + m) * GROUP_ROWS, gate_bias, up_bias,
                             rows + m * apart);
        if (units > 0) V_NAME(round_rows)(gated, GROUP_ROWS, first, count, unit, units, of, to);
    }
}

V_TARGET static void V_NAME(finish)(const float *sums, const float *bias, float *target, const long stride,
                                    const long tokens, const int adds, const long columns, float *peaks,
                                    const long peaks_stride) {
    for (long m = 0; m < tokens; m++) {
        float *to = target + m * stride;
        // Rows are far apart, which the hardware does not foresee.
        if (m + ROWS_AHEAD < tokens)
            for (int at = 0; at < GROUP_ROWS; at += 16) __builtin_prefetch(to + ROWS_AHEAD * stride + at, 1);
        V_FLOAT highest = V_FLOATS(-INFINITY);
        for (int at = 0; at < GROUP_ROWS; at += V_LANES) {
            V_FLOAT value = V_LOAD(sums + m * GROUP_ROWS + at);
            if (bias != NULL) value = V_ADD(value, V_LOAD(bias + at));
            if (adds) value = V_ADD(value, V_LOAD(to + at));
            V_STORE(to + at, value);
            highest = V_MAX(value, highest);
        }
        if (peaks != NULL)
            peaks[m * peaks_stride] = columns == GROUP_ROWS ? V_HIGHEST(highest) : highest_of(to, columns);
    }
}
