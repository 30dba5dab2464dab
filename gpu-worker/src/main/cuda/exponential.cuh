// exp as a whole number: sums of such weights do not depend on the order of their terms.
#pragma once
#include "dialect.cuh"

// exp of less than this is nothing beside the likeliest token.
#define LOWEST_EXPONENT -30.0f

// The weight of exponent 0.
constexpr int64_t ONE = (int64_t)1 << 40;

// exp(exponent) * ONE, rounded, for LOWEST_EXPONENT <= exponent <= 0; relative error below 1e-7 down to e^-11, where
// rounding to a whole number begins to show. The exponent is split into multiples of the logarithm of 2 and a rest
// within +-0.35; the polynomial for (exp(rest) - 1 - rest) / rest^2 is that of Cephes' expf.
DEVICE uint64_t weight_of(float exponent) {
    const float twos = rintf(exponent * 1.44269504f);
    float rest = fmaf(-twos, 0.693359375f, exponent);
    rest = fmaf(-twos, -2.12194440e-4f, rest);
    float sum = 1.9875691500e-4f;
    sum = fmaf(sum, rest, 1.3981999507e-3f);
    sum = fmaf(sum, rest, 8.3334519073e-3f);
    sum = fmaf(sum, rest, 4.1665795894e-2f);
    sum = fmaf(sum, rest, 1.6666665459e-1f);
    sum = fmaf(sum, rest, 5.0000001201e-1f);
    sum = fmaf(sum, rest * rest, rest);
    const int64_t weight = ONE + llrintf(sum * (float)ONE);
    const int shift = (int)-twos;
    return (uint64_t)(shift > 0 ? (weight + ((int64_t)1 << (shift - 1))) >> shift : weight);
}
