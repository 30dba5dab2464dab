// Products of quantised weights with quantised activations, for CPUs with instructions that Java's Vector API has no
// words for. No dependency but the C library's headers. Every path gives the same bits as the Vector API's: sums within
// a block are exact whole numbers, and blocks are added in order, each with one fused multiplication.
#include "levels.h"
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Rows of activations, 16 tokens together: `quants` [tokens / 16][units / 2][16][64], `scales` and `scaled_sums`
// [tokens / 16][units][16], `sums` [tokens / 16][units][16][2]: the sums of 16 quants each;
// scaled_sums = scale * (sums[0] + sums[1]). Rounded for K types, all units of a block have one scale. Room for missing
// tokens of the last 16 and for an even number of units is there and not read for results.
struct rows {
    const int8_t *quants;
    const float *scales;
    const float *scaled_sums;
    const int32_t *sums;
    long units;
    long tokens;
};

static inline long row_at(const struct rows x, const long token, const long unit) {
    return (token / 16 * x.units + unit) * 16 + token % 16;
}

static inline const int8_t *quants_at(const struct rows x, const long token, const long unit) {
    return x.quants + ((token / 16 * ((x.units + 1) / 2) + unit / 2) * 16 + token % 16) * 64 + unit % 2 * 32;
}

// The sums of a token's quants in the units `even` and `even + 1`, 16 bits each.
static inline int32_t sum_pair(const struct rows x, const long token, const long even) {
    const int32_t *one = x.sums + row_at(x, token, even) * 2;
    const int32_t *two = x.sums + row_at(x, token, even + 1) * 2;
    return ((one[0] + one[1]) & 0xffff) | (int32_t)((uint32_t)(two[0] + two[1]) << 16);
}

enum kind { KIND_PLAIN, KIND_MINIMUM, KIND_K_MINIMUM, KIND_K_HALVES };

// How 64 rows lie in memory, unit of 32 columns by unit; see QuantLayout.java, which packs them.
struct layout {
    int bits;
    int zero;
    enum kind kind;
    int halves;
    long block_units;
    long header_bytes;
    long unit_header_bytes;
    long unit_bytes;
    long block_bytes;
};

#define LAYOUT_32(bits, zero, kind, header) \
    ((struct layout){bits, zero, kind, 1, 1, header, 0, (bits) * 256, (header) + (bits) * 256})
#define LAYOUT_256(bits, zero, kind, header, halves) \
    ((struct layout){bits, zero, kind, halves, 8, header, 128, 128 + (bits) * 256, (header) + 8 * (128 + (bits) * 256)})

// The numbers are GGUF's.
#define EACH_LAYOUT(CASE) \
    CASE(2, LAYOUT_32(4, 8, KIND_PLAIN, 128))             /* Q4_0 */ \
    CASE(3, LAYOUT_32(4, 0, KIND_MINIMUM, 256))           /* Q4_1 */ \
    CASE(6, LAYOUT_32(5, 16, KIND_PLAIN, 128))            /* Q5_0 */ \
    CASE(7, LAYOUT_32(5, 0, KIND_MINIMUM, 256))           /* Q5_1 */ \
    CASE(8, LAYOUT_32(8, 128, KIND_PLAIN, 128))           /* Q8_0 */

#define EACH_K_LAYOUT(CASE) \
    CASE(12, LAYOUT_256(4, 0, KIND_K_MINIMUM, 256, 1))    /* Q4_K */ \
    CASE(13, LAYOUT_256(5, 0, KIND_K_MINIMUM, 256, 1))    /* Q5_K */ \
    CASE(14, LAYOUT_256(6, 32, KIND_K_HALVES, 128, 2))    /* Q6_K */

static inline const uint8_t *unit_at(const struct layout layout, const uint8_t *group, long unit) {
    return group + unit / layout.block_units * layout.block_bytes + layout.header_bytes
            + unit % layout.block_units * layout.unit_bytes;
}

#if defined(__x86_64__)
#include <immintrin.h>

// How far ahead of its use a weight is asked for: left to itself, the hardware asks too late where there is much to compute.
#define PREFETCH_BYTES 6144

#define V_INLINE static inline __attribute__((always_inline)) V_TARGET

// ---- 512 bits with VNNI
#define V_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define V_NAME(name) name##_avx512
#define V_WIDTH 64
#define V_LANES 16
#define V_TOKENS 4
#define V_VECTORS 4
#define V_INT __m512i
#define V_FLOAT __m512
#define V_LOAD(at) _mm512_loadu_si512(at)
#define V_AND _mm512_and_si512
#define V_OR _mm512_or_si512
#define V_SHIFT_LEFT _mm512_slli_epi16
#define V_SHIFT_RIGHT _mm512_srli_epi16
#define V_BYTES(value) _mm512_set1_epi8(value)
#define V_INTS(value) _mm512_set1_epi32(value)
#define V_DOT(sum, weights, four, bits) _mm512_dpbusd_epi32(sum, weights, four)
// Whether V_DOT takes the zero point off quants of 8 bits.
#define V_SIGNED_BYTES 0
#define V_FLOATS(value) _mm512_set1_ps(value)
#define V_CONVERT _mm512_cvtepi32_ps
#define V_MUL _mm512_mul_ps
#define V_FMA _mm512_fmadd_ps
#define V_MINUS(value) _mm512_sub_ps(_mm512_setzero_ps(), value)
#define V_STORE _mm512_storeu_ps
#define V_LOAD_FLOATS _mm512_loadu_ps
#define V_HALVES(at) _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(at)))
#define V_UNSIGNED(at) _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(at)))
#define V_SIGNED(at) _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(at)))
#define V_ADD_INTS _mm512_add_epi32
#define V_MUL_INTS _mm512_mullo_epi32
#define V_UPPER_SHORTS(ints) _mm512_slli_epi32(ints, 16)
#define V_DOT_SHORTS _mm512_dpwssd_epi32
#define V_STORE_INTS(at, ints) _mm512_storeu_si512(at, ints)
#include "product_template.h"

// ---- AMX: 16 tokens by 16 rows at a time, whole numbers from the tiles, everything else as with VNNI
#if HAS_AMX
#undef V_TARGET
#define V_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,amx-tile,amx-int8")))

struct tile_config {
    uint8_t palette;
    uint8_t start_row;
    uint8_t reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

V_INLINE void configure_tiles(const int columns) {
    struct tile_config config;
    memset(&config, 0, sizeof config);
    config.palette = 1;
    for (int tile = 0; tile < 8; tile++) {
        config.rows[tile] = tile < 6 ? 16 : columns / 4;
        config.row_bytes[tile] = tile == 4 || tile == 5 ? columns : 64;
    }
    // The compiler takes the instruction to read eight bytes of it.
    __asm__ volatile("" : : "r"(&config) : "memory");
    _tile_loadconfig(&config);
}

// The compiler does not know what a tile instruction reads.
V_INLINE void wrote_for_tiles(void) {
    __asm__ volatile("" : : : "memory");
}

enum { AMX_TOKENS = 16, AMX_UNITS = 32 };

// With more tokens, weights come from memory long before they are needed.
enum { MOST_WAITING_TOKENS = 128 };

V_INLINE void ask_for(const uint8_t *ahead, const int lines) {
    for (int line = 0; line < lines; line++) __builtin_prefetch(ahead + line * 64, 0, 2);
}

// Units of 64 rows as the tiles take them: signed quants, and scales as they multiply the block sums.
struct unpacked {
    int8_t quants[4][AMX_UNITS][8][16][4];
    float scales[4][AMX_UNITS][16];
    float minimums[4][AMX_UNITS][16];
};

V_INLINE void unpack(const struct layout layout, const uint8_t *group, const long u, struct unpacked *to, const long at,
                     const uint8_t *ahead, const int lines) {
    const uint8_t *block = group + u * layout.block_bytes;
    const uint8_t *unit = unit_at(layout, group, u);
#pragma GCC unroll 8
    for (int q = 0; q < 8; q++)
        for (int n = 0; n < 4; n++) {
            if (n == 0) ask_for(ahead + q * lines * 64, lines);
            __m512i quants = quants_avx512(unit, layout.bits, q, n * 64);
            if (layout.zero != 0) quants = _mm512_sub_epi8(quants, V_BYTES((char)layout.zero));
            _mm512_store_si512(to->quants[n][at][q], quants);
        }
    for (int n = 0; n < 4; n++) {
        V_STORE(to->scales[n][at], V_HALVES(block + n * 32));
        if (layout.kind == KIND_MINIMUM) V_STORE(to->minimums[n][at], V_HALVES(block + 128 + n * 32));
    }
}

// 16 tokens by 16 rows from `row` on, over `units` units; adds to `target`. Tile instructions take long and leave the
// processor's window one after the other, so each works on what the one before it made a unit earlier: while unit `u`
// is scaled and added, the sums of `u + 1` are stored, those of `u + 2` are computed and `u + 3` is loaded. Tiles 0 and
// 1 are sums [tokens][16 rows], 4 and 5 activations [tokens][32], 6 and 7 weights [8][16 rows][4].
V_INLINE void amx_tile(const int minimum, const struct unpacked *weights, const struct rows x, const long first_unit,
                       const long units, const long first, const int row, float *target, const uint8_t *ahead,
                       const int lines) {
    _Alignas(64) int32_t sums[2][AMX_TOKENS][16];
    __m512 total[AMX_TOKENS];
#pragma GCC unroll 16
    for (int m = 0; m < AMX_TOKENS; m++) total[m] = _mm512_loadu_ps(target + (first + m) * 64 + row);
    const int8_t *quants = quants_at(x, first, first_unit);
    const int8_t (*columns)[8][16][4] = weights->quants[row / 16];
#define AMX_LOAD(u, rows_of_x, rows_of_weights) \
    _tile_loadd(rows_of_x, quants + (u) / 2 * (AMX_TOKENS * 64) + (u) % 2 * 32, 64); \
    _tile_loadd(rows_of_weights, columns[u], 64);
#define AMX_MULTIPLY(slot, rows_of_x, rows_of_weights) \
    _tile_zero(slot); \
    _tile_dpbssd(slot, rows_of_x, rows_of_weights);
    AMX_LOAD(0, 4, 6)
    AMX_MULTIPLY(0, 4, 6)
    if (units > 1) { AMX_LOAD(1, 5, 7) }
    _tile_stored(0, sums[0], 64);
    if (units > 1) { AMX_MULTIPLY(1, 5, 7) }
    if (units > 2) { AMX_LOAD(2, 4, 6) }
    for (long even = 0; even < units; even += 2) {
#pragma GCC unroll 2
        for (int odd = 0; odd < 2; odd++) {
            const long u = even + odd;
            if (u == units) break;
            // Tile registers are named in the instructions.
            if (odd == 0) {
                if (u + 3 < units) { AMX_LOAD(u + 3, 5, 7) }
                if (u + 1 < units) { _tile_stored(1, sums[1], 64); }
                if (u + 2 < units) { AMX_MULTIPLY(0, 4, 6) }
            } else {
                if (u + 3 < units) { AMX_LOAD(u + 3, 4, 6) }
                if (u + 1 < units) { _tile_stored(0, sums[0], 64); }
                if (u + 2 < units) { AMX_MULTIPLY(1, 5, 7) }
            }
            ask_for(ahead + u * lines * 64, lines);
            const __m512 scale = _mm512_load_ps(weights->scales[row / 16][u]);
            const float *scales = x.scales + row_at(x, first, first_unit + u);
#pragma GCC unroll 16
            for (int m = 0; m < AMX_TOKENS; m++) {
                const __m512i sum = _mm512_load_si512(sums[odd][m]);
                total[m] = V_FMA(V_CONVERT(sum), V_MUL(scale, V_FLOATS(scales[m])), total[m]);
            }
            if (minimum) {
                const __m512 least = _mm512_load_ps(weights->minimums[row / 16][u]);
                const float *scaled_sums = x.scaled_sums + row_at(x, first, first_unit + u);
#pragma GCC unroll 16
                for (int m = 0; m < AMX_TOKENS; m++) total[m] = V_FMA(least, V_FLOATS(scaled_sums[m]), total[m]);
            }
        }
    }
#undef AMX_LOAD
#undef AMX_MULTIPLY
#pragma GCC unroll 16
    for (int m = 0; m < AMX_TOKENS; m++) V_STORE(target + (first + m) * 64 + row, total[m]);
}

V_INLINE void amx_all(const struct layout layout, const uint8_t *group, const struct rows x, float *target,
                      struct unpacked *unpacked) {
    memset(target, 0, (size_t)(x.tokens + AMX_TOKENS - 1) / AMX_TOKENS * AMX_TOKENS * 64 * sizeof(float));
    configure_tiles(32);
    for (long first_unit = 0; first_unit < x.units; first_unit += AMX_UNITS) {
        const long units = x.units - first_unit < AMX_UNITS ? x.units - first_unit : AMX_UNITS;
        // The next units are asked for by and by: half of them here, half with the tokens.
        const int waiting = x.tokens <= MOST_WAITING_TOKENS;
        const long half = units * layout.unit_bytes / 2;
        const uint8_t *next = group + (first_unit + units) * layout.block_bytes;
        const int own_lines = waiting ? (int)(layout.unit_bytes / 2 / 64 / 8) : 0;
        for (long u = 0; u < units; u++)
            unpack(layout, group, first_unit + u, unpacked, u, next + u * own_lines * 8 * 64, own_lines);
        wrote_for_tiles();
        const long calls = (x.tokens + AMX_TOKENS - 1) / AMX_TOKENS * 4;
        const int lines = waiting ? (int)((layout.unit_bytes / 2 / 64 + calls - 1) / calls) : 0;
        for (long first = 0; first < x.tokens; first += AMX_TOKENS)
            for (int row = 0; row < 64; row += 16)
                amx_tile(layout.kind == KIND_MINIMUM, unpacked, x, first_unit, units, first, row, target,
                         next + half + (first / 4 + row / 16) * units * lines * 64, lines);
    }
    _tile_release();
}

// A K block of 64 rows as the tiles take it. A quant times the scale of its unit is a whole number of 13 bits,
// `64 * high + low`, so that one sum over all 256 columns is all that has to be scaled; [columns / 64][low, high] tiles
// for each 16 rows. Minimums stand as pairs of units, 16 bits each.
struct unpacked_k {
    int8_t quants[4][4][2][16][16][4];
    int32_t minimum_pairs[4][4][16];
    float scales[4][16];
    float minimums[4][16];
};

V_INLINE void unpack_k(const struct layout layout, const uint8_t *block, struct unpacked_k *to, const int lines) {
    const __m512i odd_bytes = _mm512_set1_epi16((short)0xff00);
    for (int u = 0; u < 8; u++) {
        const uint8_t *unit = unit_at(layout, block, u);
        for (int n = 0; n < 4; n++) {
            ask_for(block + layout.block_bytes + (u * 4 + n) * lines * 64, lines);
            __m512i scale[2];
            for (int half = 0; half < layout.halves; half++) {
                const __m128i own = _mm_loadu_si128((const __m128i *)(unit + half * 64 + n * 16));
                const __m512i one = layout.zero != 0 ? _mm512_cvtepi8_epi32(own) : _mm512_cvtepu8_epi32(own);
                scale[half] = _mm512_mask_blend_epi16(0xaaaaaaaa, one, _mm512_slli_epi32(one, 16));
            }
#pragma GCC unroll 8
            for (int q = 0; q < 8; q++) {
                const __m512i own = scale[q * layout.halves / 8];
                __m512i quants = quants_avx512(unit + layout.unit_header_bytes, layout.bits, q, n * 64);
                __m512i even, odd;
                if (layout.zero == 0) {
                    even = _mm512_mullo_epi16(_mm512_andnot_si512(odd_bytes, quants), own);
                    odd = _mm512_mullo_epi16(_mm512_srli_epi16(quants, 8), own);
                } else {
                    quants = _mm512_sub_epi8(quants, V_BYTES((char)layout.zero));
                    even = _mm512_mullo_epi16(_mm512_srai_epi16(_mm512_slli_epi16(quants, 8), 8), own);
                    odd = _mm512_mullo_epi16(_mm512_srai_epi16(quants, 8), own);
                    // So that low parts of both signs fit into a byte as well as high parts do.
                    even = _mm512_add_epi16(even, _mm512_set1_epi16(32));
                    odd = _mm512_add_epi16(odd, _mm512_set1_epi16(32));
                }
                const int select = 0xca;
                __m512i low = _mm512_ternarylogic_epi32(odd_bytes, _mm512_slli_epi16(odd, 8), even, select);
                low = _mm512_and_si512(low, V_BYTES(63));
                if (layout.zero != 0) low = _mm512_sub_epi8(low, V_BYTES(32));
                const __m512i high = _mm512_ternarylogic_epi32(
                        odd_bytes, _mm512_slli_epi16(odd, 2), _mm512_srai_epi16(even, 6), select);
                _mm512_store_si512(to->quants[n][u / 2][0][u % 2 * 8 + q], low);
                _mm512_store_si512(to->quants[n][u / 2][1][u % 2 * 8 + q], high);
            }
            if (layout.kind == KIND_K_MINIMUM && u % 2 == 1)
                _mm512_store_si512(to->minimum_pairs[n][u / 2], minimum_pairs_avx512(layout, unit, n * 16));
        }
    }
    for (int n = 0; n < 4; n++) {
        V_STORE(to->scales[n], V_HALVES(block + n * 32));
        if (layout.kind == KIND_K_MINIMUM) V_STORE(to->minimums[n], V_MINUS(V_HALVES(block + 128 + n * 32)));
    }
}

// [sum_pair] of 16 tokens and all units of a K block.
V_INLINE void amx_sum_pairs(const struct rows x, const long block, const long token, int32_t pairs[4][AMX_TOKENS]) {
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const __m512i odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
    for (int pair = 0; pair < 4; pair++) {
        __m512i sums[2];
        for (int u = 0; u < 2; u++) {
            const int32_t *halves = x.sums + row_at(x, token, block * 8 + pair * 2 + u) * 2;
            const __m512i first = _mm512_loadu_si512(halves);
            const __m512i second = _mm512_loadu_si512(halves + 16);
            sums[u] = _mm512_add_epi32(_mm512_permutex2var_epi32(first, even, second),
                                       _mm512_permutex2var_epi32(first, odd, second));
        }
        _mm512_store_si512(pairs[pair], _mm512_mask_blend_epi16(0xaaaaaaaa, sums[0], _mm512_slli_epi32(sums[1], 16)));
    }
}

// Adds a K block's part for `tiles` (1 or 2) times 16 tokens by 16 rows to `target`. Tiles 0 to 3 are sums [tokens][16
// rows] of low and high parts, 4 and 5 activations [tokens][64], 6 and 7 weights [16][16 rows][4].
V_INLINE void amx_block(const struct layout layout, const struct unpacked_k *weights, const struct rows x,
                        const long block, const long first, const int tiles, const int n,
                        int32_t sum_pairs[2][4][AMX_TOKENS], float *target, const uint8_t *ahead,
                        const int lines) {
    _Alignas(64) int32_t sums[4][AMX_TOKENS][16];
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (int h = 0; h < 4; h++) {
        ask_for(ahead + (n * 4 + h) * lines * 64, lines);
        const int8_t *quants = quants_at(x, first, block * 8 + h * 2);
        _tile_loadd(4, quants, 64);
        _tile_loadd(6, weights->quants[n][h][0], 64);
        _tile_dpbssd(0, 4, 6);
        _tile_loadd(7, weights->quants[n][h][1], 64);
        _tile_dpbssd(1, 4, 7);
        if (tiles == 2) {
            _tile_loadd(5, quants + (x.units + 1) / 2 * (AMX_TOKENS * 64), 64);
            _tile_dpbssd(2, 5, 6);
            _tile_dpbssd(3, 5, 7);
        }
    }
    _tile_stored(0, sums[0], 64);
    _tile_stored(1, sums[1], 64);
    if (tiles == 2) {
        _tile_stored(2, sums[2], 64);
        _tile_stored(3, sums[3], 64);
    }
    const __m512 scale = _mm512_load_ps(weights->scales[n]);
    const __m512 minimum = _mm512_load_ps(weights->minimums[n]);
    for (int tile = 0; tile < tiles; tile++) {
        const long token = first + tile * AMX_TOKENS;
        const float *scales = x.scales + row_at(x, token, block * 8);
        float *to = target + token * 64 + n * 16;
#pragma GCC unroll 16
        for (int m = 0; m < AMX_TOKENS; m++) {
            const __m512i high = _mm512_slli_epi32(_mm512_load_si512(sums[tile * 2 + 1][m]), 6);
            const __m512i sum = _mm512_add_epi32(_mm512_load_si512(sums[tile * 2][m]), high);
            const __m512 both = V_MUL(scale, V_FLOATS(scales[m]));
            V_STORE(to + m * 64, V_FMA(V_CONVERT(sum), both, V_LOAD_FLOATS(to + m * 64)));
        }
        if (layout.kind == KIND_K_MINIMUM) {
#pragma GCC unroll 16
            for (int m = 0; m < AMX_TOKENS; m++) {
                __m512i sum = _mm512_setzero_si512();
                for (int pair = 0; pair < 4; pair++)
                    sum = _mm512_dpwssd_epi32(sum, _mm512_load_si512(weights->minimum_pairs[n][pair]),
                                              V_INTS(sum_pairs[tile][pair][m]));
                const __m512 both = V_MUL(minimum, V_FLOATS(scales[m]));
                V_STORE(to + m * 64, V_FMA(V_CONVERT(sum), both, V_LOAD_FLOATS(to + m * 64)));
            }
        }
    }
}

V_INLINE void amx_all_k(const struct layout layout, const uint8_t *group, const struct rows x, float *target,
                        struct unpacked_k *unpacked) {
    memset(target, 0, (size_t)(x.tokens + AMX_TOKENS - 1) / AMX_TOKENS * AMX_TOKENS * 64 * sizeof(float));
    configure_tiles(64);
    for (long block = 0; block < x.units / 8; block++) {
        const uint8_t *own = group + block * layout.block_bytes;
        // The next block is asked for by and by: half of it here, half with the first tokens.
        const int lines = x.tokens > MOST_WAITING_TOKENS ? 0 : (int)(layout.block_bytes / 64 / 64 + 1);
        unpack_k(layout, own, unpacked, lines);
        wrote_for_tiles();
        for (long first = 0; first < x.tokens; first += 2 * AMX_TOKENS) {
            const int tiles = x.tokens - first > AMX_TOKENS ? 2 : 1;
            _Alignas(64) int32_t sum_pairs[2][4][AMX_TOKENS];
            if (layout.kind == KIND_K_MINIMUM)
                for (int tile = 0; tile < tiles; tile++) amx_sum_pairs(x, block, first + tile * AMX_TOKENS, sum_pairs[tile]);
            const uint8_t *ahead = own + layout.block_bytes + 32 * lines * 64;
            const int more = first == 0 ? 2 * lines : 0;
            for (int n = 0; n < 4; n++)
                if (tiles == 2) amx_block(layout, unpacked, x, block, first, 2, n, sum_pairs, target, ahead, more);
                else amx_block(layout, unpacked, x, block, first, 1, n, sum_pairs, target, ahead, more);
        }
    }
    _tile_release();
}

V_TARGET static void product_amx(int type, const uint8_t *group, struct rows x, float *target, void *scratch) {
    switch (type) {
#define CASE(id, layout) case id: amx_all(layout, group, x, target, scratch); break;
#define CASE_K(id, layout) case id: amx_all_k(layout, group, x, target, scratch); break;
        EACH_LAYOUT(CASE)
        EACH_K_LAYOUT(CASE_K)
#undef CASE_K
#undef CASE
    }
}
#endif

// ---- 256 bits, with VNNI or without
#undef V_NAME
#undef V_WIDTH
#undef V_LANES
#undef V_TOKENS
#undef V_VECTORS
#undef V_INT
#undef V_FLOAT
#undef V_LOAD
#undef V_AND
#undef V_OR
#undef V_SHIFT_LEFT
#undef V_SHIFT_RIGHT
#undef V_BYTES
#undef V_INTS
#undef V_DOT
#undef V_FLOATS
#undef V_CONVERT
#undef V_MUL
#undef V_FMA
#undef V_MINUS
#undef V_STORE
#undef V_LOAD_FLOATS
#undef V_HALVES
#undef V_UNSIGNED
#undef V_SIGNED
#undef V_ADD_INTS
#undef V_MUL_INTS
#undef V_UPPER_SHORTS
#undef V_DOT_SHORTS
#undef V_STORE_INTS
#define V_WIDTH 32
#define V_LANES 8
#define V_TOKENS 4
#define V_VECTORS 2
#define V_INT __m256i
#define V_FLOAT __m256
#define V_LOAD(at) _mm256_loadu_si256((const __m256i *)(at))
#define V_AND _mm256_and_si256
#define V_OR _mm256_or_si256
#define V_SHIFT_LEFT _mm256_slli_epi16
#define V_SHIFT_RIGHT _mm256_srli_epi16
#define V_BYTES(value) _mm256_set1_epi8(value)
#define V_INTS(value) _mm256_set1_epi32(value)
#define V_FLOATS(value) _mm256_set1_ps(value)
#define V_CONVERT _mm256_cvtepi32_ps
#define V_MUL _mm256_mul_ps
#define V_FMA _mm256_fmadd_ps
#define V_MINUS(value) _mm256_sub_ps(_mm256_setzero_ps(), value)
#define V_STORE _mm256_storeu_ps
#define V_LOAD_FLOATS _mm256_loadu_ps
#define V_HALVES(at) _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(at)))
#define V_UNSIGNED(at) _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(at)))
#define V_SIGNED(at) _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(at)))
#define V_ADD_INTS _mm256_add_epi32
#define V_MUL_INTS _mm256_mullo_epi32
#define V_UPPER_SHORTS(ints) _mm256_slli_epi32(ints, 16)
#define V_DOT_SHORTS(sum, left, right) _mm256_add_epi32(sum, _mm256_madd_epi16(left, right))
#define V_STORE_INTS(at, ints) _mm256_storeu_si256((__m256i *)(at), ints)

#if HAS_AVX_VNNI
#undef V_TARGET
#define V_TARGET __attribute__((target("avx2,fma,f16c,avxvnni")))
#define V_NAME(name) name##_avx_vnni
#define V_DOT(sum, weights, four, bits) _mm256_dpbusd_avx_epi32(sum, weights, four)
#include "product_template.h"
#undef V_NAME
#undef V_DOT
#endif

#undef V_TARGET
#define V_TARGET __attribute__((target("avx2,fma,f16c")))
#define V_NAME(name) name##_avx2
#define V_DOT(sum, weights, four, bits) dot_avx2(sum, weights, four, bits)
#undef V_SIGNED_BYTES
#define V_SIGNED_BYTES 1

V_INLINE __m256i pairs_avx2(__m256i sum, __m256i weights, __m256i four) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(weights, four), _mm256_set1_epi16(1)));
}

// Two products of 8 bits without sign do not always fit into the 16 bits of the instruction; those of magnitudes, 128 at
// the most, with activations that have the signs of both, 127 at the most, do.
V_INLINE __m256i dot_avx2(__m256i sum, __m256i weights, __m256i four, const int bits) {
    if (bits < 8) return pairs_avx2(sum, weights, four);
    const __m256i quants = _mm256_xor_si256(weights, _mm256_set1_epi8(-128));
    return pairs_avx2(sum, _mm256_abs_epi8(quants), _mm256_sign_epi8(four, quants));
}
#include "product_template.h"

// From so many tokens on the tiles win over the vectors, which need no unpacking and wait less for memory.
enum { FEWEST_TILE_TOKENS = 28 };

static void product(int level, int type, const uint8_t *group, struct rows x, float *target, void *scratch) {
#if HAS_AMX
    if (level >= LEVEL_AMX && x.tokens >= FEWEST_TILE_TOKENS) product_amx(type, group, x, target, scratch);
    else
#endif
    if (level >= LEVEL_AVX512_VNNI) product_avx512(type, group, x, target);
#if HAS_AVX_VNNI
    else if (level >= LEVEL_AVX_VNNI) product_avx_vnni(type, group, x, target);
#endif
    else product_avx2(type, group, x, target);
    (void)scratch;
}

#if HAS_AMX
enum {
    SCRATCH_BYTES = sizeof(struct unpacked) > sizeof(struct unpacked_k) ? sizeof(struct unpacked) : sizeof(struct unpacked_k)
};
#else
enum { SCRATCH_BYTES = 64 };
#endif

#else

enum { SCRATCH_BYTES = 64 };

static void product(int level, int type, const uint8_t *group, struct rows x, float *target, void *scratch) {
    (void)level, (void)type, (void)group, (void)x, (void)target, (void)scratch;
}
#endif

#define EXPORT __attribute__((visibility("default")))

// The highest level of this machine, 0 where there is none.
EXPORT int32_t millrace_level(void) {
    return detect_level();
}

// Bytes of scratch that a call needs, aligned to 64.
EXPORT int64_t millrace_scratch_bytes(void) {
    return SCRATCH_BYTES;
}

// The product of a group of 64 rows of GGUF type `type` with `tokens` rows of activations: `target` [tokens, padded to
// 16][64] f32 is overwritten.
EXPORT void millrace_product(int32_t level, int32_t type, const uint8_t *group, const int8_t *quants, const float *scales,
                      const float *scaled_sums, const int32_t *sums, int64_t units, int64_t tokens, float *target,
                      void *scratch) {
    struct rows x = {quants, scales, scaled_sums, sums, (long)units, (long)tokens};
    product(level, type, group, x, target, scratch);
}
