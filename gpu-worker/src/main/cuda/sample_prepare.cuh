// The logits that a token is chosen from, where they have penalties or biases.
#pragma once
#include "sample.cuh"

// Puts the penalties of a token that came before into its logit.
DEVICE void penalize(float *logit, const StepSample &sample, int generated, bool repeats) {
    float value = *logit;
    if (repeats) {
        value = value > 0 ? value / sample.repeat_penalty() : value * sample.repeat_penalty();
    }
    if (generated > 0) {
        value -= sample.presence_penalty() + generated * sample.frequency_penalty();
    }
    *logit = value;
}

// How often the host has counted a token.
DEVICE int known_count(const StepSample &sample, int id) {
    int count = 0;
    for (int i = 0; i < sample.penalty_count(); i++) {
        count += sample.penalty_token(i) == id ? sample.penalty_generated(i) : 0;
    }
    return count;
}

// Fills `row` with the logits `from`, penalties and biases. Reads the table of ids [sequences of the stage] for a token
// that the host did not know yet.
DEVICE void adjust(
    const Step &step, const StepSample &sample, const float *from, float *row, const int *ids, int vocabulary) {
    for (int id = threadIdx.x; id < vocabulary; id += blockDim.x) {
        row[id] = from[id];
    }
    __syncthreads();
    // The token that was not known when the others were listed counts once more, and is within the window.
    const int input = input_token(step, sample), pending = input < 0 ? ids[~input] : -1;
    for (int i = threadIdx.x; i < sample.penalty_count(); i += blockDim.x) {
        if (sample.penalty_token(i) != pending) {
            penalize(row + sample.penalty_token(i), sample, sample.penalty_generated(i), sample.penalty_repeats(i));
        }
    }
    if (pending >= 0 && threadIdx.x == 0) {
        penalize(row + pending, sample, known_count(sample, pending) + 1, true);
    }
    __syncthreads();
    // The first bias of a token adds all of them, in the order of the list.
    for (int i = threadIdx.x; i < sample.bias_count(); i += blockDim.x) {
        const int id = sample.bias_token(i);
        bool first = true;
        for (int before = 0; before < i; before++) {
            first = first && sample.bias_token(before) != id;
        }
        for (int at = i; first && at < sample.bias_count(); at++) {
            if (sample.bias_token(at) == id) row[id] += sample.bias_value(at);
        }
    }
    __syncthreads();
}
