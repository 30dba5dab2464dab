// How the attention of a row over several spans of positions becomes one. A state is the highest score, the total of the
// weights `exp(score - highest)`, and the sums of the values under these weights. States are merged in the order of
// their positions, so a row has the same bits whether one block or several computed its spans.
#pragma once
#include "dialect.cuh"

struct SoftmaxState {
    float highest;
    float total;
};

// What is left of the sums on either side.
struct Shares {
    float keep;
    float take;
};

DEVICE SoftmaxState nothing_seen() {
    return SoftmaxState{-INFINITY, 0.0f};
}

DEVICE float merged(float mine, float later, Shares shares) {
    return fmaf(later, shares.take, mine * shares.keep);
}

// Adds the state of later positions to `mine`.
DEVICE Shares merge(SoftmaxState &mine, SoftmaxState later) {
    float highest = fmaxf(mine.highest, later.highest);
    Shares shares = {expf(mine.highest - highest), expf(later.highest - highest)};
    mine.highest = highest;
    mine.total = merged(mine.total, later.total, shares);
    return shares;
}
