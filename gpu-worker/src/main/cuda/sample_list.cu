// Log probabilities under the plain softmax of the raw logits [N, V], for the samples that ask for them: the logarithm
// of the sum of all exponentials, and the likeliest tokens, which stand behind the choices of all samples: the result
// is [N] choices, then [N, 20] listed ones.
// Grid: (samples), blocks of 1024.
#include "exponential.cuh"
#include "ranking.cuh"
#include "sample.cuh"

extern "C" __global__ void __launch_bounds__(1024)
    sample_list(const int *words, const float *logits, Choice *result, int vocabulary) {
    SHARED(uint64_t, partial, 32);
    Step step(words);
    if ((int)blockIdx.x >= step.samples()) return;
    StepSample sample = step.sample(blockIdx.x);
    if (!wants_logprobs(sample)) return;
    const float *row = logits + (size_t)blockIdx.x * vocabulary;
    const float highest = row[likeliest_token(row, vocabulary, partial)];
    uint64_t total = 0;
    each_logit(row, vocabulary, [&](int, float logit) {
        const float exponent = logit - highest;
        total += exponent >= LOWEST_EXPONENT ? weight_of(exponent) : 0;
    });
    total = block_total(total, partial);
    const double log_sum = highest + log((double)total / (double)ONE);
    if (threadIdx.x == 0) {
        ((double *)result)[blockIdx.x] = log_sum;
    }
    Choice *list = result + step.samples() + (size_t)LISTED_TOKENS * blockIdx.x;
    const int listed = min(sample.top_logprobs(), vocabulary);
    uint64_t key = ~(uint64_t)0;
    for (int rank = 0; rank < listed; rank++) {
        key = likeliest_below(key, row, vocabulary, partial);
        if (threadIdx.x == 0) {
            const int id = key ? rank_id(key) : 0;  // 0: only what is not a number is left
            list[rank] = {id, (float)(row[id] - log_sum)};
        }
    }
}

EXPORT(sample_list)
