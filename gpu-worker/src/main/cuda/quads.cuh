// Sums over the four lanes 4i..4i+3, a quad, that hold parts of the same products.
#pragma once
#include "dialect.cuh"

template <class T> struct RowPair {
    T first, second;
};

#ifdef __CUDACC__
// Of `parts [2][4]`, rows and tokens, lane t of a quad gets both rows' sums of token t, (0 + 2) + (1 + 3) in each.
template <class T> DEVICE RowPair<T> quad_scatter(const T parts[8]) {
    const bool upper = threadIdx.x & 2, odd = threadIdx.x & 1;
    T sums[2];
#pragma unroll
    for (int row = 0; row < 2; row++) {
        const T *part = parts + 4 * row;
        const T even = (upper ? part[2] : part[0]) + __shfl_xor_sync(0xffffffffu, upper ? part[0] : part[2], 2);
        const T other = (upper ? part[3] : part[1]) + __shfl_xor_sync(0xffffffffu, upper ? part[1] : part[3], 2);
        sums[row] = (odd ? other : even) + __shfl_xor_sync(0xffffffffu, odd ? even : other, 1);
    }
    return RowPair<T>{sums[0], sums[1]};
}
#else
template <class T> struct QuadParts {
    T part[8];
};

// As on the device, but one meeting instead of six.
template <class T> inline RowPair<T> quad_scatter(const T parts[8]) {
    QuadParts<T> mine;
    memcpy(mine.part, parts, sizeof mine.part);
    const auto lanes = shim::meet(mine, shim::REDUCE);
    const int token = shim::lane() % 4;
    QuadParts<T> all[4];
    for (int i = 0; i < 4; i++) all[i] = shim::value_of<QuadParts<T>>(lanes, shim::lane() / 4 * 4 + i);
    const auto sum = [&](int i) { return (all[0].part[i] + all[2].part[i]) + (all[1].part[i] + all[3].part[i]); };
    return RowPair<T>{sum(token), sum(4 + token)};
}
#endif
