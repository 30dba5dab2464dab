// The next token of each sample: the likeliest one, or a draw after temperature, top-k, top-p and min-p, in this order,
// with a random number that is a function of seed and position. Logits [N, V] are raw; those of samples that change them
// are changed in `adjusted` [N, V] before. What is chosen goes to the result [N], and to its place in the table of ids,
// from which the next step takes it; behind the result [N, 20] likeliest tokens are listed for the samples that ask.
// Grid: (samples), blocks of 1024 (64 at least).
#include "candidates.cuh"
#include "philox.cuh"
#include "sample.cuh"
#include "sample_list.cuh"
#include "sample_prepare.cuh"

// random * total, rounded down, where random is a fraction of 2^64.
DEVICE uint64_t share(uint64_t random, uint64_t total) {
    return __umul64hi(random, total);
}

// Cuts the candidates off behind the token with that id.
DEVICE void keep_up_to(Candidates *candidates, int id) {
    candidates->last = candidates->code(candidates->exponent(id), id);
}

DEVICE int draw(Candidates candidates, int likeliest, const StepSample &sample, Search *search) {
    uint64_t count = candidate_count(candidates, search);
    if (count == 0) {
        return likeliest;
    }
    uint64_t random = random_bits(sample.seed_low(), sample.seed_high(), sample.position());
    uint64_t least = (uint64_t)ceilf(sample.min_p() * (float)ONE);
    bool cuts_by_count = sample.top_k() > 0 && (uint64_t)sample.top_k() < count;
    if (!cuts_by_count && !(sample.top_p() < 1)) {
        candidates.least = least;
        uint64_t kept = total_weight(candidates, search);
        return kept ? first_by_id(candidates, share(random, kept), search) : likeliest;
    }
    if (cuts_by_count) {
        keep_up_to(&candidates, first_by_rank(candidates, sample.top_k() - 1, true, search));
    }
    if (sample.top_p() < 1) {
        uint64_t wanted = (uint64_t)ceil(sample.top_p() * (double)total_weight(candidates, search));
        keep_up_to(&candidates, first_by_rank(candidates, wanted ? wanted - 1 : 0, false, search));
    }
    candidates.least = least;
    uint64_t kept = total_weight(candidates, search);
    return kept ? first_by_rank(candidates, share(random, kept), false, search) : likeliest;
}

extern "C" __global__ void __launch_bounds__(1024)
    sample(const int *words, const float *logits, float *adjusted, int *ids, Choice *result, int vocabulary) {
    SHARED(Search, search, 1);
    Step step(words);
    const int number = blockIdx.x;
    if (number >= step.samples()) return;
    StepSample sample = step.sample(number);
    const float *raw = logits + (size_t)number * vocabulary;
    double log_sum = NAN;
    if (wants_logprobs(sample)) {
        Choice *list = result + step.samples() + (size_t)LISTED_TOKENS * number;
        log_sum = list_likeliest(sample, raw, list, vocabulary, search->warps);
    }
    const float *row = raw;
    if (adjusts(step, sample)) {
        float *own = adjusted + (size_t)number * vocabulary;
        adjust(step, sample, raw, own, ids, vocabulary);
        row = own;
    }
    int chosen = likeliest_token(row, vocabulary, search->warps);
    if (sample.temperature() > 0) {
        const int id_bits = 32 - __clz(vocabulary - 1);
        const Candidates all = {row, vocabulary, row[chosen], sample.temperature(), id_bits, ~(uint64_t)0, 0};
        chosen = draw(all, chosen, sample, search);
    }
    if (threadIdx.x == 0) {
        result[number] = {chosen, (float)(raw[chosen] - log_sum)};
        ids[sample.place()] = chosen;
    }
}

EXPORT(sample)
