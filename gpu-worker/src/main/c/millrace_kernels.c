// Products of quantised weights with quantised activations, for CPUs with instructions that Java's Vector API has no
// words for. No dependency but the C library's headers. Every path gives the same bits as the Vector API's: sums within
// a block are exact whole numbers, and blocks are added in order, each with one fused multiplication.
#include "levels.h"
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Rows of activations, 16 tokens together: `quants` [tokens / 16][units][16][32], `scales` and `scaled_sums`
// [tokens / 16][units][16], `sums` [tokens / 16][units][16][2]: the sums of 16 quants each;
// scaled_sums = scale * (sums[0] + sums[1]). Room for missing tokens of the last 16 is there and not read for results.
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
    CASE(8, LAYOUT_32(8, 128, KIND_PLAIN, 128))           /* Q8_0 */ \
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
#define V_UNSIGNED(at) _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(at))))
#define V_SIGNED(at) _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(at))))
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

// Tiles 0 and 1 are sums [tokens][16 rows], 2 and 3 activations [tokens][columns], 4 and 5 weights
// [columns / 4][16 rows][4].
V_INLINE void configure_tiles(const int tokens, const int columns) {
    struct tile_config config;
    memset(&config, 0, sizeof config);
    config.palette = 1;
    for (int tile = 0; tile < 8; tile++) {
        config.rows[tile] = tile < 6 ? tokens : columns / 4;
        config.row_bytes[tile] = tile == 4 || tile == 5 ? columns : 64;
    }
    _tile_loadconfig(&config);
}

enum { AMX_TOKENS = 16, AMX_UNITS = 128, AMX_AHEAD = 4 };

// Units of 64 rows as the tiles take them: signed quants, and scales as they multiply the block sums.
struct unpacked {
    int8_t quants[4][AMX_UNITS][8][16][4];
    float scales[4][AMX_UNITS][2][16];
    float minimums[4][AMX_UNITS][16];
};

V_INLINE void unpack(const struct layout layout, const uint8_t *group, const long u, struct unpacked *to, const long at) {
    const uint8_t *block = group + u / layout.block_units * layout.block_bytes;
    const uint8_t *unit = unit_at(layout, group, u);
#pragma GCC unroll 8
    for (int q = 0; q < 8; q++)
        for (int n = 0; n < 4; n++) {
            __m512i quants = quants_avx512(unit + layout.unit_header_bytes, layout.bits, q, n * 64);
            if (layout.zero != 0) quants = _mm512_sub_epi8(quants, V_BYTES((char)layout.zero));
            _mm512_store_si512(to->quants[n][at][q], quants);
        }
    for (int n = 0; n < 4; n++) {
        const __m512 scale = V_HALVES(block + n * 32);
        for (int half = 0; half < layout.halves; half++) {
            __m512 own = scale;
            if (layout.kind == KIND_K_MINIMUM) own = V_MUL(scale, V_UNSIGNED(unit + n * 16));
            if (layout.kind == KIND_K_HALVES) own = V_MUL(scale, V_SIGNED(unit + half * 64 + n * 16));
            V_STORE(to->scales[n][at][half], own);
        }
        if (layout.kind == KIND_MINIMUM || layout.kind == KIND_K_MINIMUM) {
            __m512 minimum = V_HALVES(block + 128 + n * 32);
            if (layout.kind == KIND_K_MINIMUM) minimum = V_MINUS(V_MUL(minimum, V_UNSIGNED(unit + 64 + n * 16)));
            V_STORE(to->minimums[n][at], minimum);
        }
    }
}

// `tokens` (16 at most) by 16 rows from `row` on, over `units` units; adds to `target`. The tiles work on one block
// while the vectors scale and add what came out of the one before.
V_INLINE void amx_tile(const int halves, const int minimum, const struct unpacked *weights, const struct rows x,
                       const long first_unit, const long units, const long first, const int row,
                       float *target, const uint8_t *ahead, const long ahead_bytes) {
    _Alignas(64) int32_t sums[AMX_AHEAD][AMX_TOKENS][16];
    __m512 total[AMX_TOKENS];
#pragma GCC unroll 16
    for (int m = 0; m < AMX_TOKENS; m++) total[m] = _mm512_loadu_ps(target + (first + m) * 64 + row);
    const long steps = units * halves;
    for (long step = 0; step < steps + AMX_AHEAD - 1; step++) {
        if (step < steps) {
            const long u = step / halves;
            const long half = step % halves;
            const int8_t *quants = x.quants + row_at(x, first, first_unit + u) * 32 + half * 16;
            const int8_t *columns = weights->quants[row / 16][u][half * 4][0];
            // Tile registers are named in the instructions.
            switch (step % AMX_AHEAD) {
#define STEP(slot, rows_of_x, rows_of_weights) \
                case slot: \
                    _tile_loadd(rows_of_x, quants, 32); \
                    _tile_loadd(rows_of_weights, columns, 64); \
                    _tile_zero(slot); \
                    _tile_dpbssd(slot, rows_of_x, rows_of_weights); \
                    _tile_stored(slot, sums[slot], 64); \
                    break;
                STEP(0, 4, 6)
                STEP(1, 5, 7)
                STEP(2, 4, 6)
                STEP(3, 5, 7)
#undef STEP
            }
            for (long at = 0; at < ahead_bytes; at += 64) __builtin_prefetch(ahead + step * ahead_bytes + at, 0, 2);
        }
        const long done = step - (AMX_AHEAD - 1);
        if (done < 0) continue;
        const long u = done / halves;
        const __m512 scale = _mm512_load_ps(weights->scales[row / 16][u][done % halves]);
        const float *scales = x.scales + row_at(x, first, first_unit + u);
        const int last_half = done % halves == halves - 1;
#pragma GCC unroll 16
        for (int m = 0; m < AMX_TOKENS; m++) {
            const __m512i sum = _mm512_load_si512(sums[done % AMX_AHEAD][m]);
            total[m] = V_FMA(V_CONVERT(sum), V_MUL(scale, V_FLOATS(scales[m])), total[m]);
        }
        if (minimum && last_half) {
            const __m512 least = _mm512_load_ps(weights->minimums[row / 16][u]);
            const float *scaled_sums = x.scaled_sums + row_at(x, first, first_unit + u);
#pragma GCC unroll 16
            for (int m = 0; m < AMX_TOKENS; m++) total[m] = V_FMA(least, V_FLOATS(scaled_sums[m]), total[m]);
        }
    }
#pragma GCC unroll 16
    for (int m = 0; m < AMX_TOKENS; m++) V_STORE(target + (first + m) * 64 + row, total[m]);
}

V_INLINE void amx_all(const struct layout layout, const uint8_t *group, const struct rows x, float *target,
                      struct unpacked *unpacked) {
    const int minimum = layout.kind == KIND_MINIMUM || layout.kind == KIND_K_MINIMUM;
    memset(target, 0, (size_t)(x.tokens + AMX_TOKENS - 1) / AMX_TOKENS * AMX_TOKENS * 64 * sizeof(float));
    for (long first_unit = 0; first_unit < x.units; first_unit += AMX_UNITS) {
        const long units = x.units - first_unit < AMX_UNITS ? x.units - first_unit : AMX_UNITS;
        for (long u = 0; u < units; u++) unpack(layout, group, first_unit + u, unpacked, u);
        for (long first = 0; first < x.tokens; first += AMX_TOKENS) {
            const long left = x.tokens - first;
            const int tokens = left < AMX_TOKENS ? (int)left : AMX_TOKENS;
            configure_tiles(tokens, 32 / layout.halves);
            for (int row = 0; row < 64; row += 16)
                amx_tile(layout.halves, minimum, unpacked, x, first_unit, units, first, row, target,
                         unit_at(layout, group, first_unit + units) + row / 16 * units * layout.unit_bytes / 4,
                         left <= AMX_TOKENS && x.tokens <= 128 ? layout.unit_bytes / layout.halves / 4 : 0);
        }
    }
    _tile_release();
}

V_TARGET static void product_amx(int type, const uint8_t *group, struct rows x, float *target, void *scratch) {
    switch (type) {
#define CASE(id, layout) case id: amx_all(layout, group, x, target, scratch); break;
        EACH_LAYOUT(CASE)
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
#define V_UNSIGNED(at) _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(at))))
#define V_SIGNED(at) _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(at))))

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
enum { FEWEST_TILE_TOKENS = 48 };

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
enum { SCRATCH_BYTES = sizeof(struct unpacked) };
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
