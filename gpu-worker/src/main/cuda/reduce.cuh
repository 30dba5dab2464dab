// Sums and maxima over warps and blocks, in an order that depends on the block's size only.
#pragma once
#include "dialect.cuh"

DEVICE float warp_sum(float value) {
    return warp_reduce(value, [](float a, float b) { return a + b; });
}

DEVICE int warp_sum(int value) {
    return warp_reduce(value, [](int a, int b) { return a + b; });
}

// Of |x| as bits the maximum is exact, and NaN is above infinity: fmaxf would drop it.
DEVICE uint32_t warp_max(uint32_t value) {
    return warp_reduce(value, [](uint32_t a, uint32_t b) { return a > b ? a : b; });
}

// In all threads of the block; `partial` is one element for each warp, written and read here only.
template <class T, class Operation> DEVICE T block_reduce(T value, T nothing, T *partial, Operation operation) {
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
    value = warp_reduce(value, operation);
    if (warps == 1) return value;
    if (lane == 0) partial[warp] = value;
#ifndef BUG_MISSING_BARRIER
    __syncthreads();
#endif
    value = warp_reduce(lane < warps ? partial[lane] : nothing, operation);
    __syncthreads();
    return value;
}

DEVICE float block_sum(float value, float *partial) {
    return block_reduce(value, 0.0f, partial, [](float a, float b) { return a + b; });
}

DEVICE uint32_t block_max(uint32_t value, uint32_t *partial) {
    return block_reduce(value, 0u, partial, [](uint32_t a, uint32_t b) { return a > b ? a : b; });
}
