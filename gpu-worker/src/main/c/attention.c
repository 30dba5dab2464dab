// Attention of up to 64 rows (query heads of tokens) over a run of positions of their KV head. Every level gives the
// same bits: scores run over dimensions, sums of values over positions in order, a fused multiplication at a time;
// totals of weights have 16 lanes, whatever a vector has. Those of f32 and f16 are the bits of AttentionKernel.java;
// scales of bytes are multiplied with sums of keys and with weights here, with each key and value there.
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK = 16, PANEL_BLOCKS = 4, PANEL = PANEL_BLOCKS * BLOCK, RUN = 256, GROUP = 32, STATE_HEADER = 32 };

// Smaller weights do not count beside the largest one of 1, and their products could be subnormal numbers.
#define LEAST_EXPONENT (-60.0f)

// What a value of KV takes says its type: f32, f16 or bytes with scales for each 32 of them (KvFormat.java).
enum { BYTES_Q8 = 1, BYTES_F16 = 2, BYTES_F32 = 4 };

// Keys of a block `[head_size][16 positions]`, values `[16 positions][padded head size]`; `keys` and `values` are those
// of block 0. The blocks of the run are followed by `ahead` blocks that will be needed next. Scores `[rows][256]`,
// queries `[rows][padded]`, states `[rows][32 + padded]`: the highest score, totals `[16]` from 16 on, sums of values
// from 32 on. Row `r` sees the positions below `lengths[r]`, which do not descend. `panel` `[64][padded]` is scratch.
struct run {
    const uint8_t *keys;
    const uint8_t *values;
    const int32_t *blocks;
    long ahead;
    long first;
    long head_size;
    long rows;
    const int32_t *lengths;
    const float *queries;
    float *scores;
    float *states;
    float *panel;
};

static inline long padded(const long head_size) {
    return (head_size + 15) / 16 * 16;
}

static inline long groups(const long head_size) {
    return (head_size + GROUP - 1) / GROUP;
}

static inline long scale_bytes(const int bytes, const long head_size) {
    return bytes == BYTES_Q8 ? BLOCK * 2 * groups(head_size) : 0;
}

static inline long key_bytes(const int bytes, const long head_size) {
    return scale_bytes(bytes, head_size) + BLOCK * bytes * head_size;
}

static inline long value_bytes(const int bytes, const long head_size) {
    return scale_bytes(bytes, head_size) + BLOCK * bytes * padded(head_size);
}

static inline long smaller(const long a, const long b) {
    return a < b ? a : b;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define V_INLINE static inline __attribute__((always_inline)) V_TARGET

// ---- 512 bits
#define V_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#define V_NAME(name) name##_avx512
#define V_LANES 16
#define V_ROWS 8
#define V_BLOCKS(rows) ((rows) <= 4 ? 4 : 2)
#define V_COLUMNS(rows) ((rows) <= 4 ? 4 : 2)
#define V_FLOAT __m512
#define V_INT __m512i
#define V_ZERO _mm512_setzero_ps
#define V_FLOATS _mm512_set1_ps
#define V_INTS _mm512_set1_epi32
#define V_LOAD _mm512_loadu_ps
#define V_STORE _mm512_storeu_ps
#define V_HALVES(at) _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(at)))
#define V_SIGNED(at) _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(at))))
#define V_ADD _mm512_add_ps
#define V_SUB _mm512_sub_ps
#define V_MUL _mm512_mul_ps
#define V_FMA _mm512_fmadd_ps
#define V_MAX _mm512_max_ps
#define V_AS_INTS _mm512_castps_si512
#define V_AS_FLOATS _mm512_castsi512_ps
#define V_ADD_INTS _mm512_add_epi32
#define V_SUB_INTS _mm512_sub_epi32
#define V_SHIFT_LEFT _mm512_slli_epi32
#include "attention_template.h"

// ---- 256 bits
#undef V_TARGET
#undef V_NAME
#undef V_LANES
#undef V_ROWS
#undef V_BLOCKS
#undef V_COLUMNS
#undef V_FLOAT
#undef V_INT
#undef V_ZERO
#undef V_FLOATS
#undef V_INTS
#undef V_LOAD
#undef V_STORE
#undef V_HALVES
#undef V_SIGNED
#undef V_ADD
#undef V_SUB
#undef V_MUL
#undef V_FMA
#undef V_MAX
#undef V_AS_INTS
#undef V_AS_FLOATS
#undef V_ADD_INTS
#undef V_SUB_INTS
#undef V_SHIFT_LEFT
#define V_TARGET __attribute__((target("avx2,fma,f16c")))
#define V_NAME(name) name##_avx2
#define V_LANES 8
#define V_ROWS 4
#define V_BLOCKS(rows) ((rows) <= 2 ? 2 : 1)
#define V_COLUMNS(rows) ((rows) <= 2 ? 4 : 2)
#define V_FLOAT __m256
#define V_INT __m256i
#define V_ZERO _mm256_setzero_ps
#define V_FLOATS _mm256_set1_ps
#define V_INTS _mm256_set1_epi32
#define V_LOAD _mm256_loadu_ps
#define V_STORE _mm256_storeu_ps
#define V_HALVES(at) _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(at)))
#define V_SIGNED(at) _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(at))))
#define V_ADD _mm256_add_ps
#define V_SUB _mm256_sub_ps
#define V_MUL _mm256_mul_ps
#define V_FMA _mm256_fmadd_ps
#define V_MAX _mm256_max_ps
#define V_AS_INTS _mm256_castps_si256
#define V_AS_FLOATS _mm256_castsi256_ps
#define V_ADD_INTS _mm256_add_epi32
#define V_SUB_INTS _mm256_sub_epi32
#define V_SHIFT_LEFT _mm256_slli_epi32
#include "attention_template.h"

// As millrace_kernels.c numbers them.
enum { LEVEL_AVX512 = 3 };

static void attend(const int level, const int bytes, const struct run *x) {
    if (level >= LEVEL_AVX512) attend_avx512(bytes, x);
    else attend_avx2(bytes, x);
}

#else

static void attend(const int level, const int bytes, const struct run *x) {
    (void)level, (void)bytes, (void)x;
}
#endif

// Adds the run of positions from `first` on to the states; see struct run.
__attribute__((visibility("default")))
void millrace_attention(int32_t level, int32_t bytes, const uint8_t *keys, const uint8_t *values, const int32_t *blocks,
                        int64_t ahead, int64_t first, int64_t head_size, int64_t rows, const int32_t *lengths,
                        const float *queries, float *scores, float *states, float *panel) {
    const struct run x = {keys, values, blocks, (long)ahead, (long)first, (long)head_size, (long)rows, lengths,
                          queries, scores, states, panel};
    attend(level, bytes, &x);
}
