// Log probabilities under the plain softmax of raw logits, for the samples that ask for them: the logarithm of the sum
// of all exponentials, and the likeliest tokens.
#pragma once
#include "exponential.cuh"
#include "ranking.cuh"
#include "sample.cuh"

// Lists as many of the tokens of `row` as the sample wants.
// @return the logarithm of the sum of all exponentials
DEVICE double list_likeliest(
    const StepSample &sample, const float *row, Choice *list, int vocabulary, uint64_t *partial) {
    const float highest = row[likeliest_token(row, vocabulary, partial)];
    uint64_t total = 0;
    for (int id = threadIdx.x; id < vocabulary; id += blockDim.x) {
        const float exponent = row[id] - highest;
        total += exponent >= LOWEST_EXPONENT ? weight_of(exponent) : 0;
    }
    total = block_total(total, partial);
    const double log_sum = highest + log((double)total / (double)ONE);
    const int listed = min(sample.top_logprobs(), vocabulary);
    uint64_t key = ~(uint64_t)0;
    for (int rank = 0; rank < listed; rank++) {
        key = likeliest_below(key, row, vocabulary, partial);
        if (threadIdx.x == 0) {
            const int id = key ? rank_id(key) : 0;  // 0: only what is not a number is left
            list[rank] = {id, (float)(row[id] - log_sum)};
        }
    }
    return log_sum;
}
