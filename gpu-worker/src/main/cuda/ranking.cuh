// The order of logits, and sums and maxima of whole numbers over a block: those do not depend on the order of their
// terms.
#pragma once
#include "reduce.cuh"

// The sum over the block, in all threads; `partial` is one element for each warp.
DEVICE uint64_t block_total(uint64_t value, uint64_t *partial) {
    return block_reduce(value, (uint64_t)0, partial, [](uint64_t a, uint64_t b) { return a + b; });
}

DEVICE uint64_t block_largest(uint64_t value, uint64_t *partial) {
    return block_reduce(value, (uint64_t)0, partial, [](uint64_t a, uint64_t b) { return a > b ? a : b; });
}

// Larger for a likelier token, for the lower id among equal ones; 0 for what is not a number.
DEVICE uint64_t rank_key(float logit, int id) {
    if (logit != logit) return 0;
    const uint32_t bits = __float_as_uint(logit + 0.0f);  // -0 is 0
    const uint32_t order = bits >> 31 ? ~bits : bits | 0x80000000u;
    return (uint64_t)order << 32 | (uint32_t)~id;
}

DEVICE int rank_id(uint64_t key) { return (int)~(uint32_t)key; }

// Calls `work(id, logit)` for all tokens, in the block's threads. Several logits of a thread are on their way at once: a
// block has a multiprocessor for itself, which would otherwise wait for one after the other.
template <class Work> DEVICE void each_logit(const float *logits, int vocabulary, Work work) {
    enum { AT_ONCE = 8 };
    const int stride = blockDim.x;
    int id = threadIdx.x;
    for (; id < vocabulary - (AT_ONCE - 1) * stride; id += AT_ONCE * stride) {
        float own[AT_ONCE];
#pragma unroll
        for (int i = 0; i < AT_ONCE; i++) own[i] = logits[id + i * stride];
#pragma unroll
        for (int i = 0; i < AT_ONCE; i++) work(id + i * stride, own[i]);
    }
    for (; id < vocabulary; id += stride) work(id, logits[id]);
}

// The key of the likeliest token whose key is below `limit`; 0 where there is none.
DEVICE uint64_t likeliest_below(uint64_t limit, const float *logits, int vocabulary, uint64_t *partial) {
    uint64_t best = 0;
    each_logit(logits, vocabulary, [&](int id, float logit) {
        const uint64_t key = rank_key(logit, id);
        best = key > best && key < limit ? key : best;
    });
    return block_largest(best, partial);
}

// The lowest id of the highest logit; 0 where none is above negative infinity.
DEVICE int likeliest_token(const float *logits, int vocabulary, uint64_t *partial) {
    const uint64_t key = likeliest_below(~(uint64_t)0, logits, vocabulary, partial);
    return key > rank_key(-INFINITY, 0) ? rank_id(key) : 0;
}
