// Warp-wide calls, each one meeting of the 32 lanes, and atomic operations.
#pragma once
#include "shim_fibers.h"
#include "shim_types.h"

namespace shim {

enum Kind { SYNC = 1, SHUFFLE, VOTE, REDUCE, TENSOR };

// All lanes' values, published and then read; two places in turn, so one meeting suffices.
template <class T> inline const char (*meet(const T &value, int kind))[32] {
    static_assert(sizeof(T) <= 32, "more than 32 bytes a lane");
    Fiber &fiber = *state.current;
    char(*const lanes)[32] = state.exchange[fiber.meetings++ & 1][fiber.number / 32];
    memcpy(lanes[fiber.number % 32], &value, sizeof value);
    fiber.kind = kind * 64 + static_cast<int>(sizeof value);
    pause(AT_WARP);
    return lanes;
}

template <class T> inline T value_of(const char (*lanes)[32], int lane) {
    T value;
    memcpy(&value, lanes[lane], sizeof value);
    return value;
}

inline void check(unsigned mask) {
    if (mask != 0xffffffffu) fail("a warp-wide call for some lanes only: %x", mask);
}

inline int lane() { return static_cast<int>(state.current->number % 32); }
}  // namespace shim

inline void __syncwarp(unsigned mask = 0xffffffffu) {
    shim::check(mask);
    shim::meet('s', shim::SYNC);
}

template <class T> inline T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
    shim::check(mask);
    const int lane = shim::lane() / width * width + source % width;
    return shim::value_of<T>(shim::meet(value, shim::SHUFFLE), lane);
}

template <class T> inline T __shfl_xor_sync(unsigned mask, T value, int apart) {
    return __shfl_sync(mask, value, shim::lane() ^ apart);
}

template <class T> inline T __shfl_down_sync(unsigned mask, T value, int distance) {
    const int lane = shim::lane();
    return __shfl_sync(mask, value, lane + distance < 32 ? lane + distance : lane);
}

template <class T> inline T __shfl_up_sync(unsigned mask, T value, int distance) {
    const int lane = shim::lane();
    return __shfl_sync(mask, value, lane >= distance ? lane - distance : lane);
}

inline unsigned __ballot_sync(unsigned mask, int vote) {
    shim::check(mask);
    const auto lanes = shim::meet(vote, shim::VOTE);
    unsigned votes = 0;
    for (int i = 0; i < 32; i++) votes |= (shim::value_of<int>(lanes, i) != 0 ? 1u : 0u) << i;
    return votes;
}

inline int __any_sync(unsigned mask, int vote) { return __ballot_sync(mask, vote) != 0; }
inline int __all_sync(unsigned mask, int vote) { return __ballot_sync(mask, vote) == 0xffffffffu; }

// As on the device, but one meeting instead of five.
template <class T, class Operation> inline T warp_reduce(T value, Operation operation) {
    const auto lanes = shim::meet(value, shim::REDUCE);
    T values[32];
    for (int i = 0; i < 32; i++) values[i] = shim::value_of<T>(lanes, i);
    for (int apart = 16; apart > 0; apart /= 2)
        for (int i = 0; i < apart; i++) values[i] = operation(values[i], values[i + apart]);
    return values[0];
}

inline int2 quad_sum(int2 value) {
    const auto lanes = shim::meet(value, shim::REDUCE);
    int2 sum = {0, 0};
    for (int i = 0; i < 4; i++) {
        const int2 other = shim::value_of<int2>(lanes, shim::lane() / 4 * 4 + i);
        sum.x += other.x;
        sum.y += other.y;
    }
    return sum;
}

template <class T, class Operation> inline T shim_atomic(T *at, Operation operation) {
    const T old = *at;
    *at = operation(old);
    return old;
}
inline int atomicAdd(int *at, int value) { return shim_atomic(at, [=](int old) { return old + value; }); }
inline unsigned atomicAdd(unsigned *at, unsigned value) { return shim_atomic(at, [=](unsigned old) { return old + value; }); }
inline unsigned long long atomicAdd(unsigned long long *at, unsigned long long value) {
    return shim_atomic(at, [=](unsigned long long old) { return old + value; });
}
inline int atomicMax(int *at, int value) { return shim_atomic(at, [=](int old) { return max(old, value); }); }
inline unsigned atomicMax(unsigned *at, unsigned value) { return shim_atomic(at, [=](unsigned old) { return max(old, value); }); }
inline unsigned long long atomicMax(unsigned long long *at, unsigned long long value) {
    return shim_atomic(at, [=](unsigned long long old) { return max(old, value); });
}
inline int atomicMin(int *at, int value) { return shim_atomic(at, [=](int old) { return min(old, value); }); }
inline unsigned atomicMin(unsigned *at, unsigned value) { return shim_atomic(at, [=](unsigned old) { return min(old, value); }); }
inline unsigned long long atomicMin(unsigned long long *at, unsigned long long value) {
    return shim_atomic(at, [=](unsigned long long old) { return min(old, value); });
}
inline unsigned atomicOr(unsigned *at, unsigned value) { return shim_atomic(at, [=](unsigned old) { return old | value; }); }
inline unsigned atomicExch(unsigned *at, unsigned value) { return shim_atomic(at, [=](unsigned) { return value; }); }
inline unsigned atomicCAS(unsigned *at, unsigned expected, unsigned value) {
    return shim_atomic(at, [=](unsigned old) { return old == expected ? value : old; });
}
inline unsigned long long atomicCAS(unsigned long long *at, unsigned long long expected, unsigned long long value) {
    return shim_atomic(at, [=](unsigned long long old) { return old == expected ? value : old; });
}
inline void __threadfence() {}
inline void __threadfence_block() {}
