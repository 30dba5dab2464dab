// What products of 16 rows with up to 4 tokens have in common: eight warps take every eighth part of the columns each;
// their sums are put together in one order, whatever the number of tokens.
#pragma once
#include "matrices.cuh"
#include "quads.cuh"

enum { SLICES = 8 };

// Where a block of the grid (tile rows of all matrices, ceil(tokens / TOKENS)) and a lane of it are.
template <int TOKENS> struct Place {
    int tile_row, first_token, last_token, warp, lane, g, t;
    // Of the sums over a quad.
    QuadShare<TOKENS> share;

    DEVICE Place(int tile_row, int rows_of_step)
        : tile_row(tile_row), first_token(blockIdx.y * TOKENS), last_token(rows_of_step - 1), warp(threadIdx.x / 32),
          lane(threadIdx.x % 32), g(lane / 4), t(lane % 4), share(t) {}

    DEVICE bool is_beyond() const { return first_token > last_token; }

    // A token of the block's; where there are fewer, the last one stands in for the rest.
    DEVICE size_t token(int i) const { return min(first_token + i, last_token); }
};

// Each lane's `total` is its share of the sums of rows g and g + 8. `slices [8][TOKENS][16]` is shared memory.
template <int TOKENS>
DEVICE void finish(const Place<TOKENS> &place, const Matrix &matrix, const float *total, float *slices) {
    float *own = slices + (place.warp * TOKENS + place.share.token) * TILE_ROWS + 8 * place.share.row + place.g;
    if (TOKENS > 1 || place.t % 2 == 0) own[0] = total[0];
    if (TOKENS == 4) own[8] = total[1];
    __syncthreads();
    const int thread = threadIdx.x, row = place.tile_row * TILE_ROWS + thread % TILE_ROWS;
    const int token = place.first_token + thread / TILE_ROWS;
    if (thread >= TOKENS * TILE_ROWS || token > place.last_token || row >= matrix.rows) return;
    float part[SLICES];
#pragma unroll
    for (int i = 0; i < SLICES; i++) part[i] = slices[i * TOKENS * TILE_ROWS + thread];
    float sum = ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
    if (matrix.bias != nullptr) sum += matrix.bias[row];
    float *to = matrix.target + static_cast<size_t>(token) * matrix.rows + row;
    *to = matrix.adds ? sum + *to : sum;
}
