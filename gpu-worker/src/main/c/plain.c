// Products of weights that are floats with activations that are, too, all in f32. Panels of 128 columns are summed from
// zero, column by column with one fused multiplication each, and added to what the panels before gave: every level and
// any number of tokens give the same bits, which are the Vector API's.
#include "levels.h"
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// The numbers are GGUF's.
enum { TYPE_F32 = 0, TYPE_F16 = 1, TYPE_BF16 = 30 };

enum { ROWS = 64, PANEL_COLUMNS = 128 };

// Tokens of a tile at the most: with as many sums as there are registers left, each waits for its own last one only.
enum { TILE_TOKENS = 6 };

// `tokens` rows, `stride` values from one to the next.
struct activations {
    const float *values;
    long stride;
    long tokens;
};

// What stands a panel further on is asked for while this one is worked on; `step` bytes with every column.
struct ahead {
    const uint8_t *from;
    long step;
};

#if defined(__x86_64__)
#include <immintrin.h>

#define V_INLINE static inline __attribute__((always_inline)) V_TARGET

// ---- 512 bits
#define V_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#define V_NAME(name) name##_avx512
#define V_LANES 16
#define V_VECTORS_OF(tokens) 4
#define V_FLOAT __m512
#define V_ZERO _mm512_setzero_ps
#define V_FLOATS(value) _mm512_set1_ps(value)
#define V_ADD _mm512_add_ps
#define V_FMA _mm512_fmadd_ps
#define V_LOAD_FLOATS _mm512_loadu_ps
#define V_STORE _mm512_storeu_ps
#define V_HALVES(at) _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(at)))
#define V_BRAIN_FLOATS(at) _mm512_castsi512_ps( \
        _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(at))), 16))
#include "plain_template.h"

// ---- 256 bits
#undef V_TARGET
#undef V_NAME
#undef V_LANES
#undef V_VECTORS_OF
#undef V_FLOAT
#undef V_ZERO
#undef V_FLOATS
#undef V_ADD
#undef V_FMA
#undef V_LOAD_FLOATS
#undef V_STORE
#undef V_HALVES
#undef V_BRAIN_FLOATS
#define V_TARGET __attribute__((target("avx2,fma,f16c")))
#define V_NAME(name) name##_avx2
#define V_LANES 8
#define V_VECTORS_OF(tokens) ((tokens) == 1 ? 8 : 2)
#define V_FLOAT __m256
#define V_ZERO _mm256_setzero_ps
#define V_FLOATS(value) _mm256_set1_ps(value)
#define V_ADD _mm256_add_ps
#define V_FMA _mm256_fmadd_ps
#define V_LOAD_FLOATS _mm256_loadu_ps
#define V_STORE _mm256_storeu_ps
#define V_HALVES(at) _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(at)))
#define V_BRAIN_FLOATS(at) _mm256_castsi256_ps( \
        _mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(at))), 16))
#include "plain_template.h"

static void plain_product(int level, int type, const uint8_t *group, long columns, struct activations x, float *target,
                          float *panel) {
    if (level >= LEVEL_AVX512_VNNI) product_avx512(type, group, columns, x, target, panel);
    else product_avx2(type, group, columns, x, target, panel);
}

#else

static void plain_product(int level, int type, const uint8_t *group, long columns, struct activations x, float *target,
                          float *panel) {
    (void)level, (void)type, (void)group, (void)columns, (void)x, (void)target, (void)panel;
}
#endif

#define EXPORT __attribute__((visibility("default")))

// The product of a group of 64 rows of GGUF type `type`, [columns][64], with `tokens` rows of activations, `stride`
// values from one to the next: `target` [tokens][64] f32 is overwritten;
// `scratch` has room for a panel [128][64] f32.
EXPORT void millrace_plain_product(int32_t level, int32_t type, const uint8_t *group, const float *values,
                                   int64_t stride, int64_t columns, int64_t tokens, float *target, void *scratch) {
    if (tokens == 0) return;
    struct activations x = {values, (long)stride, (long)tokens};
    plain_product(level, type, group, (long)columns, x, target, scratch);
}
