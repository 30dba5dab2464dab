// What a device can do at best, for measuring it; no step uses these.
// read_memory: the sums of `count` times 16 bytes, each thread's to its place in `sums` [threads of the grid], 8 loads of
// a thread on their way at a time. Any grid, blocks of 256.
// do_nothing: a launch and no more.
#include "dialect.cuh"

extern "C" __global__ void __launch_bounds__(256)
    read_memory(const uint4 *__restrict__ from, unsigned long long count, uint32_t *sums) {
    constexpr int LOADS = 8;
    const size_t threads = static_cast<size_t>(gridDim.x) * blockDim.x;
    const size_t thread = static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    uint32_t sum = 0;
    size_t at = thread;
    for (; at + (LOADS - 1) * threads < count; at += LOADS * threads) {
        uint4 words[LOADS];
#pragma unroll
        for (int i = 0; i < LOADS; i++) words[i] = from[at + i * threads];
#pragma unroll
        for (int i = 0; i < LOADS; i++) sum += words[i].x + words[i].y + words[i].z + words[i].w;
    }
    for (; at < count; at += threads) sum += from[at].x + from[at].y + from[at].z + from[at].w;
    sums[thread] = sum;
}

extern "C" __global__ void __launch_bounds__(256) do_nothing(int *nothing) {
    if (nothing != nullptr) *nothing = 1;
}

EXPORT(read_memory)
EXPORT(do_nothing)
