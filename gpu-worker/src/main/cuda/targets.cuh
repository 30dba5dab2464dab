// How products of tiles of 16 rows with 8 tokens leave a block (tiles.cuh).
#pragma once
#include "matrices.cuh"
#include "tiles.cuh"

// As quantize.cu has rounded them.
struct Rounded {
    const int8_t *quants;
    const float *scales;
    const int *sums;
};

// The end of a product: a token beyond the last one and a row beyond the matrix are left out.
DEVICE void put(const Matrix &matrix, int tokens, int row, int token, float sum) {
    if (token >= tokens || row >= matrix.rows) return;
    if (matrix.bias != nullptr) sum += matrix.bias[row];
    float *to = matrix.target + static_cast<size_t>(token) * matrix.rows + row;
    *to = matrix.adds ? sum + *to : sum;
}

// A slice of 8 tokens by 16 rows in shared memory, [token][row], its stores spread over all banks.
enum { SLICE_PITCH = 20, SLICE_VALUES = MMA_TOKENS * SLICE_PITCH };

// Puts together what the eight warps have, a slice each. `slices` has room for eight of SLICE_VALUES.
template <int WIDE>
DEVICE void finish_slices(const MatrixBlock &own, int first_token, int tokens, const float (&total)[WIDE][4],
                          float *slices) {
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
    const int row = threadIdx.x % TILE_ROWS, token = threadIdx.x / TILE_ROWS;
#pragma unroll
    for (int n = 0; n < WIDE; n++) {
        if (n > 0 && !LEFT_OUT("the barrier between slices")) __syncthreads();
#pragma unroll
        for (int i = 0; i < 4; i++)
            slices[warp * SLICE_VALUES + (2 * t + i % 2) * SLICE_PITCH + 8 * (i / 2) + g] = total[n][i];
        if (!LEFT_OUT("the barrier behind slices")) __syncthreads();
        if (token >= MMA_TOKENS) continue;
        float part[8];
#pragma unroll
        for (int i = 0; i < 8; i++) part[i] = slices[i * SLICE_VALUES + token * SLICE_PITCH + row];
        put(own.matrix, tokens, own.block * TILE_ROWS + row, first_token + MMA_TOKENS * n + token,
            ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7])));
    }
}
