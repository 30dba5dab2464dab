// What happens to activations between products of matrices, for CPUs with AVX-512 or AVX2. All of it gives
// the same bits as the Vector API's with as many lanes.
#include "levels.h"
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <float.h>
#include <immintrin.h>

// Tokens whose rounded values stand together, columns of a unit, units of a long block, rows of a group of a matrix.
enum { TOGETHER = 16, UNIT_COLUMNS = 32, LONG_UNITS = 8, GROUP_ROWS = 64 };

// How many rows ahead a target is asked for.
enum { ROWS_AHEAD = 8 };

// Rows rounded to 8 bits in blocks of `block_units` (1 or LONG_UNITS) under one scale; see QuantizedRows.java.
struct rounded {
    long block_units;
    int8_t *quants;
    float *scales;
    float *scaled_sums;
    int32_t *sums;
};

static inline long place(const long token, const long unit, const long units) {
    return (token / TOGETHER * units + unit) * TOGETHER + token % TOGETHER;
}

static inline long quants_place(const long token, const long unit, const long units) {
    const long pair = token / TOGETHER * ((units + 1) / 2) + unit / 2;
    return (pair * TOGETHER + token % TOGETHER) * 2 * UNIT_COLUMNS + unit % 2 * UNIT_COLUMNS;
}

static float highest_of(const float *values, const long count) {
    float highest = -INFINITY;
    for (long i = 0; i < count; i++)
        if (values[i] > highest) highest = values[i];
    return highest;
}

// Without the C library's, which would have to be linked.
static inline double root(const double value) {
    return _mm_cvtsd_f64(_mm_sqrt_sd(_mm_setzero_pd(), _mm_set_sd(value)));
}

static const float zeros[UNIT_COLUMNS];

#define V_INLINE static inline __attribute__((always_inline)) V_TARGET

// ---- 512 bits
#define V_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define V_NAME(name) name##_avx512
#define V_LANES 16
#define V_FLOAT __m512
#define V_FLOATS(value) _mm512_set1_ps(value)
#define V_LOAD(at) _mm512_loadu_ps(at)
#define V_STORE(at, value) _mm512_storeu_ps(at, value)
#define V_ADD _mm512_add_ps
#define V_SUB _mm512_sub_ps
#define V_MUL _mm512_mul_ps
#define V_FMA _mm512_fmadd_ps
#define V_MIN _mm512_min_ps
#define V_MAX _mm512_max_ps
#define V_HIGHEST _mm512_reduce_max_ps
#define V_DIV _mm512_div_ps
#define V_TIMES_POWER(value, rounded) \
    _mm512_castsi512_ps(_mm512_add_epi32( \
            _mm512_castps_si512(value), _mm512_slli_epi32(_mm512_castps_si512(rounded), 23)))

// Of four vectors a vector whose 128-bit lanes are theirs, each folded to one by `operation`.
#define FOLD_LANES(operation, a, b, c, d) \
    operation(_mm512_shuffle_i32x4(FOLD_HALVES(operation, a, b), FOLD_HALVES(operation, c, d), 0x88), \
              _mm512_shuffle_i32x4(FOLD_HALVES(operation, a, b), FOLD_HALVES(operation, c, d), 0xdd))
#define FOLD_HALVES(operation, a, b) \
    operation(_mm512_shuffle_i32x4(a, b, 0x44), _mm512_shuffle_i32x4(a, b, 0xee))

// The largest magnitude in each of 16 units; as whole numbers, infinity is above every number and NaN above it.
V_INLINE void largest_avx512(const float **blocks, int32_t largest[TOGETHER]) {
    const __m512i magnitude = _mm512_set1_epi32(0x7fffffff);
    __m512i of[TOGETHER];
#pragma GCC unroll 16
    for (int m = 0; m < TOGETHER; m++)
        of[m] = _mm512_max_epi32(_mm512_and_si512(_mm512_loadu_si512(blocks[m]), magnitude),
                                 _mm512_and_si512(_mm512_loadu_si512(blocks[m] + 16), magnitude));
    __m512i four[4];
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) four[k] = FOLD_LANES(_mm512_max_epi32, of[k], of[k + 4], of[k + 8], of[k + 12]);
    const __m512i first = _mm512_max_epi32(_mm512_unpacklo_epi32(four[0], four[1]), _mm512_unpackhi_epi32(four[0], four[1]));
    const __m512i last = _mm512_max_epi32(_mm512_unpacklo_epi32(four[2], four[3]), _mm512_unpackhi_epi32(four[2], four[3]));
    _mm512_storeu_si512(largest, _mm512_max_epi32(_mm512_unpacklo_epi64(first, last), _mm512_unpackhi_epi64(first, last)));
}

// Rounds `count` units of 16 whose blocks have these largest magnitudes to their places, which follow the first one
// where they are `together`.
V_INLINE void round_units_avx512(const float **blocks, const int32_t largest[TOGETHER], const long *places,
                                 const long *quants_places, const int count, const int together,
                                 const struct rounded to) {
    const __m512 scale = _mm512_div_ps(_mm512_loadu_ps((const float *)largest), _mm512_set1_ps(127.0f));
    const __mmask16 finite = _mm512_cmp_ps_mask(scale, _mm512_set1_ps(INFINITY), _CMP_LT_OQ);
    const __mmask16 normal = _mm512_mask_cmp_ps_mask(finite, scale, _mm512_set1_ps(FLT_MIN), _CMP_GE_OQ);
    _Alignas(64) float inverse[TOGETHER];
    _mm512_store_ps(inverse, _mm512_maskz_div_ps(normal, _mm512_set1_ps(1.0f), scale));
    if (finite != 0xffff)
        for (int m = 0; m < TOGETHER; m++)
            if ((finite >> m & 1) == 0) blocks[m] = zeros;

    __m512i dots[TOGETHER / 2];
#pragma GCC unroll 8
    for (int m = 0; m < TOGETHER; m += 2) {
        const __m512 first = _mm512_set1_ps(inverse[m]);
        const __m512 second = _mm512_set1_ps(inverse[m + 1]);
        const __m512i mixed = _mm512_packs_epi16(
                _mm512_packs_epi32(_mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(blocks[m]), first)),
                                   _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(blocks[m] + 16), first))),
                _mm512_packs_epi32(_mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(blocks[m + 1]), second)),
                                   _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(blocks[m + 1] + 16), second))));
        // In each 128 bits: columns of the first and of the second half of one block, then of the other.
        dots[m / 2] = _mm512_dpbusd_epi32(_mm512_setzero_si512(), _mm512_set1_epi8(1), mixed);
        const __m512i quants = _mm512_permutexvar_epi32(
                _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), mixed);
        for (int n = 0; n < 2; n++) {
            if (m + n >= count) break;
            const long at = together ? quants_places[0] + (m + n) * 2 * UNIT_COLUMNS : quants_places[m + n];
            _mm256_storeu_si256((__m256i *)(to.quants + at), n == 0 ? _mm512_castsi512_si256(quants)
                                                                    : _mm512_extracti64x4_epi64(quants, 1));
        }
    }
    const __m512i low = FOLD_LANES(_mm512_add_epi32, dots[0], dots[1], dots[2], dots[3]);
    const __m512i high = FOLD_LANES(_mm512_add_epi32, dots[4], dots[5], dots[6], dots[7]);
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    const __m512i odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    const __m512i total = _mm512_add_epi32(
            _mm512_permutex2var_epi32(low, even, high), _mm512_permutex2var_epi32(low, odd, high));
    const __m512 scaled = _mm512_mul_ps(scale, _mm512_cvtepi32_ps(total));
    if (together) {
        _mm512_storeu_ps(to.scales + places[0], scale);
        _mm512_storeu_ps(to.scaled_sums + places[0], scaled);
        _mm512_storeu_si512(to.sums + 2 * places[0], low);
        _mm512_storeu_si512(to.sums + 2 * places[0] + 16, high);
        return;
    }
    _Alignas(64) float scales[TOGETHER];
    _Alignas(64) float scaled_sums[TOGETHER];
    _Alignas(64) int32_t sums[2 * TOGETHER];
    _mm512_store_ps(scales, scale);
    _mm512_store_ps(scaled_sums, scaled);
    _mm512_store_si512(sums, low);
    _mm512_store_si512(sums + 16, high);
    for (int m = 0; m < count; m++) {
        to.scales[places[m]] = scales[m];
        to.scaled_sums[places[m]] = scaled_sums[m];
        to.sums[2 * places[m]] = sums[2 * m];
        to.sums[2 * places[m] + 1] = sums[2 * m + 1];
    }
}
#include "elementwise_template.h"

// ---- 256 bits
#undef V_TARGET
#undef V_NAME
#undef V_LANES
#undef V_FLOAT
#undef V_FLOATS
#undef V_LOAD
#undef V_STORE
#undef V_ADD
#undef V_SUB
#undef V_MUL
#undef V_FMA
#undef V_MIN
#undef V_MAX
#undef V_HIGHEST
#undef V_DIV
#undef V_TIMES_POWER
#define V_TARGET __attribute__((target("avx2,fma")))
#define V_NAME(name) name##_avx2
#define V_LANES 8
#define V_FLOAT __m256
#define V_FLOATS(value) _mm256_set1_ps(value)
#define V_LOAD(at) _mm256_loadu_ps(at)
#define V_STORE(at, value) _mm256_storeu_ps(at, value)
#define V_ADD _mm256_add_ps
#define V_SUB _mm256_sub_ps
#define V_MUL _mm256_mul_ps
#define V_FMA _mm256_fmadd_ps
#define V_MIN _mm256_min_ps
#define V_MAX _mm256_max_ps
#define V_HIGHEST highest_avx2
#define V_DIV _mm256_div_ps
#define V_TIMES_POWER(value, rounded) \
    _mm256_castsi256_ps(_mm256_add_epi32( \
            _mm256_castps_si256(value), _mm256_slli_epi32(_mm256_castps_si256(rounded), 23)))

V_INLINE float highest_avx2(const __m256 values) {
    float lanes[V_LANES];
    V_STORE(lanes, values);
    return highest_of(lanes, V_LANES);
}

V_INLINE int32_t sum_avx2(const __m256i values) {
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(values), _mm256_extracti128_si256(values, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1)));
}

V_INLINE int32_t largest_of_avx2(const float *block) {
    const __m256i magnitude = _mm256_set1_epi32(0x7fffffff);
    __m256i most = _mm256_setzero_si256();
    for (int at = 0; at < UNIT_COLUMNS; at += V_LANES)
        most = _mm256_max_epi32(most, _mm256_and_si256(_mm256_loadu_si256((const __m256i *)(block + at)), magnitude));
    __m128i half = _mm_max_epi32(_mm256_castsi256_si128(most), _mm256_extracti128_si256(most, 1));
    half = _mm_max_epi32(half, _mm_shuffle_epi32(half, 0x4e));
    half = _mm_max_epi32(half, _mm_shuffle_epi32(half, 0xb1));
    return _mm_cvtsi128_si32(half);
}

V_INLINE void largest_avx2(const float **blocks, int32_t largest[TOGETHER]) {
    for (int m = 0; m < TOGETHER; m++) largest[m] = largest_of_avx2(blocks[m]);
}

V_INLINE void round_units_avx2(const float **blocks, const int32_t largest[TOGETHER], const long *places,
                               const long *quants_places, const int count, const int together,
                               const struct rounded to) {
    for (int m = 0; m < count; m++) {
        const long at = together ? places[0] + m : places[m];
        const long quants_at = together ? quants_places[0] + m * 2 * UNIT_COLUMNS : quants_places[m];
        const float scale = _mm_cvtss_f32(_mm_castsi128_ps(_mm_cvtsi32_si128(largest[m]))) / 127.0f;
        const float *block = scale < INFINITY ? blocks[m] : zeros;
        const __m256 inverse = V_FLOATS(scale < INFINITY && scale >= FLT_MIN ? 1.0f / scale : 0.0f);
        const __m256i a = _mm256_cvtps_epi32(V_MUL(V_LOAD(block), inverse));
        const __m256i b = _mm256_cvtps_epi32(V_MUL(V_LOAD(block + 8), inverse));
        const __m256i c = _mm256_cvtps_epi32(V_MUL(V_LOAD(block + 16), inverse));
        const __m256i d = _mm256_cvtps_epi32(V_MUL(V_LOAD(block + 24), inverse));
        const __m256i mixed = _mm256_packs_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
        const __m256i quants = _mm256_permutevar8x32_epi32(mixed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
        _mm256_storeu_si256((__m256i *)(to.quants + quants_at), quants);
        const int32_t first = sum_avx2(_mm256_add_epi32(a, b));
        const int32_t second = sum_avx2(_mm256_add_epi32(c, d));
        to.scales[at] = scale;
        to.scaled_sums[at] = scale * (float)(first + second);
        to.sums[2 * at] = first;
        to.sums[2 * at + 1] = second;
    }
}
#include "elementwise_template.h"

#define EXPORT __attribute__((visibility("default")))
#define BY_LEVEL(name, ...) \
    if (level >= LEVEL_AVX512_VNNI) name##_avx512(__VA_ARGS__); \
    else name##_avx2(__VA_ARGS__)

// Rounds `count` rows from `from` on, `stride` values apart, the tokens from `first` on, a multiple of 16: `units` units of
// each, which are those from `unit` on of `of`.
EXPORT void millrace_round(int32_t level, const float *from, int64_t stride, int64_t first, int64_t count, int64_t unit,
                           int64_t units, int64_t of, int64_t block_units, int8_t *quants, float *scales,
                           float *scaled_sums, int32_t *sums) {
    const struct rounded to = {block_units, quants, scales, scaled_sums, sums};
    for (long m = 0; m < count; m += TOGETHER) {
        const long some = count - m < TOGETHER ? (long)count - m : TOGETHER;
        BY_LEVEL(round, from + m * stride, (long)stride, (long)first + m, some, (long)unit, (long)units, (long)of, to);
    }
}

// Root mean square norm of `count` rows of `columns` values, padded with zeros to `stride`; the result is rounded as
// well where `units` is not 0.
EXPORT void millrace_norm(int32_t level, const float *from, float *target, int64_t stride, int64_t columns,
                          const float *weight, float epsilon, int64_t first, int64_t count, int64_t units,
                          int64_t block_units, int8_t *quants, float *scales, float *scaled_sums, int32_t *sums) {
    const struct rounded to = {block_units, quants, scales, scaled_sums, sums};
    for (long m = 0; m < count; m += TOGETHER) {
        const long some = count - m < TOGETHER ? (long)count - m : TOGETHER;
        BY_LEVEL(norm, from + m * stride, target + m * stride, (long)stride, (long)columns, weight, epsilon,
                 (long)first + m, some, (long)units, to);
    }
}

// The gate of a group of 64 rows over products `[tokens][64]`; biases may be missing. The result is rounded as units
// `unit`.. of `of` in blocks of one unit, or goes to `target`, in rows that are `stride` values apart, where `units` is
// 0.
EXPORT void millrace_gate(int32_t level, const float *gates, const float *ups, const float *gate_bias,
                          const float *up_bias, int64_t tokens, float *target, int64_t stride, int64_t unit,
                          int64_t units, int64_t of, int8_t *quants, float *scales, float *scaled_sums, int32_t *sums) {
    const struct rounded to = {1, quants, scales, scaled_sums, sums};
    BY_LEVEL(gate, gates, ups, gate_bias, up_bias, (long)tokens, target, (long)stride, (long)unit, (long)units, (long)of, to);
}

// Takes products `[tokens][64]` to rows of `target`, `stride` values apart, with a bias if there is one, and adds them
// where `adds`. The highest of the first `columns` values of each row, -infinity where none is above it, is kept in
// `peaks` unless that is NULL.
EXPORT void millrace_finish(int32_t level, const float *sums, const float *bias, float *target, int64_t stride,
                            int64_t tokens, int32_t adds, int64_t columns, float *peaks, int64_t peaks_stride) {
    BY_LEVEL(finish, sums, bias, target, (long)stride, (long)tokens, adds, (long)columns, peaks, (long)peaks_stride);
}
#endif
