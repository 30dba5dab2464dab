// Sums over the four lanes 4i..4i+3, a quad, that hold parts of the same products.
#pragma once
#include "dialect.cuh"

// Which sums of 2 rows by TOKENS tokens lane t of a quad has: both rows of token t of four, a row of a token of two, or
// of one, when another lane has the same.
template <int TOKENS> struct QuadShare {
    enum { ROWS = TOKENS == 4 ? 2 : 1 };
    int row, token;

    DEVICE explicit QuadShare(int t)
        : row(TOKENS == 4 ? 0 : t / 2), token(TOKENS == 4 ? t : TOKENS == 2 ? t % 2 : 0) {}
};

#ifdef __CUDACC__
// What `operation` makes of the values of the four lanes, in each of them.
template <class T, class Operation> DEVICE T quad_reduce(T value, Operation operation) {
#pragma unroll
    for (int apart = 1; apart < 4; apart *= 2) value = operation(value, __shfl_xor_sync(FULL, value, apart));
    return value;
}

// What of two a lane keeps, with the same of the lane that is so far apart and keeps the other.
template <class T> DEVICE T exchanged(bool second, T a, T b, int apart) {
    return (second ? b : a) + __shfl_xor_sync(FULL, second ? a : b, apart);
}

// Of `parts [2][TOKENS]`, rows and tokens, a lane gets the sums over its quad of its share, (0 + 2) + (1 + 3) in each.
template <int TOKENS, class T> DEVICE void quad_scatter(const T *parts, T *sums) {
    const bool upper = threadIdx.x & 2, odd = threadIdx.x & 1;
    if (TOKENS == 4) {
#pragma unroll
        for (int row = 0; row < 2; row++) {
            const T even = exchanged(upper, parts[4 * row], parts[4 * row + 2], 2);
            const T other = exchanged(upper, parts[4 * row + 1], parts[4 * row + 3], 2);
            sums[row] = exchanged(odd, even, other, 1);
        }
    } else if (TOKENS == 2) {
        const T first = exchanged(upper, parts[0], parts[2], 2), second = exchanged(upper, parts[1], parts[3], 2);
        sums[0] = exchanged(odd, first, second, 1);
    } else {
        const T own = exchanged(upper, parts[0], parts[1], 2);
        sums[0] = own + __shfl_xor_sync(FULL, own, 1);
    }
}
#else
// As on the device, but one meeting instead of two.
template <class T, class Operation> inline T quad_reduce(T value, Operation operation) {
    const auto lanes = shim::meet(value, shim::REDUCE);
    T all[4];
    for (int i = 0; i < 4; i++) all[i] = shim::value_of<T>(lanes, shim::lane() / 4 * 4 + i);
    return operation(operation(all[0], all[1]), operation(all[2], all[3]));
}

// As on the device, but one meeting instead of up to six.
template <int TOKENS, class T> inline void quad_scatter(const T *parts, T *sums) {
    struct Parts {
        T part[2 * TOKENS];
    };
    Parts mine;
    memcpy(mine.part, parts, sizeof mine.part);
    const auto lanes = shim::meet(mine, shim::REDUCE);
    Parts all[4];
    for (int i = 0; i < 4; i++) all[i] = shim::value_of<Parts>(lanes, shim::lane() / 4 * 4 + i);
    const QuadShare<TOKENS> share(shim::lane() % 4);
    for (int i = 0; i < QuadShare<TOKENS>::ROWS; i++) {
        const int at = (share.row + i) * TOKENS + share.token;
        sums[i] = (all[0].part[at] + all[2].part[at]) + (all[1].part[at] + all[3].part[at]);
    }
}
#endif
