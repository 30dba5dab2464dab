// What the sampling kernels share: which logits a token is chosen from, and how a choice comes down.
#pragma once
#include "step.cuh"

// Entries of the list of likeliest tokens that each sample has room for.
enum { LISTED_TOKENS = 20 };

// A chosen or listed token.
struct alignas(8) Choice {
    int id;
    float logprob;
};

// The id of the token that the sample comes after, or, below 0, the complement of the place that holds it.
DEVICE int input_token(const Step &step, const StepSample &sample) { return step.token_id(sample.token()); }

DEVICE bool wants_logprobs(const StepSample &sample) { return sample.top_logprobs() >= 0; }

// Whether logits are changed before a token is chosen.
DEVICE bool adjusts(const Step &step, const StepSample &sample) {
    const bool penalizes =
        sample.presence_penalty() != 0 || sample.frequency_penalty() != 0 || sample.repeat_penalty() != 1;
    return sample.penalty_count() > 0 || sample.bias_count() > 0 || (input_token(step, sample) < 0 && penalizes);
}
