// What products of 16 rows with 4 tokens have in common: eight warps take every eighth part of the columns each; their
// sums are put together in one order, whatever the number of tokens.
#pragma once
#include "quads.cuh"
#include "units.cuh"

enum { SLICES = 8, TILE_TOKENS = 4 };

// Where a block of the grid (tile rows, ceil(tokens / 4)) and a lane of it are.
struct Place {
    int tile_row, first_token, last_token, warp, lane, g, t;

    DEVICE Place(int rows_of_step)
        : tile_row(blockIdx.x), first_token(blockIdx.y * TILE_TOKENS), last_token(rows_of_step - 1),
          warp(threadIdx.x / 32), lane(threadIdx.x % 32), g(lane / 4), t(lane % 4) {}

    DEVICE bool is_beyond() const { return first_token > last_token; }

    // A token of the four; where there are fewer, the last one stands in for the rest.
    DEVICE size_t token(int i) const { return min(first_token + i, last_token); }
};

struct Target {
    const float *bias;
    float *values;
    int rows;
    int adds;
};

// Each lane's `total` is the sum of rows g and g + 8 for token t. `slices [8][4][16]` is shared memory.
DEVICE void finish(const Place &place, const Target &target, const float total[2], float *slices) {
    float *own = slices + (place.warp * TILE_TOKENS + place.t) * TILE_ROWS + place.g;
    own[0] = total[0];
    own[8] = total[1];
    __syncthreads();
    const int thread = threadIdx.x, row = place.tile_row * TILE_ROWS + thread % TILE_ROWS;
    const int token = place.first_token + thread / TILE_ROWS;
    if (thread >= TILE_TOKENS * TILE_ROWS || token > place.last_token || row >= target.rows) return;
    float part[SLICES];
#pragma unroll
    for (int i = 0; i < SLICES; i++) part[i] = slices[i * TILE_TOKENS * TILE_ROWS + thread];
    float sum = ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
    if (target.bias != nullptr) sum += target.bias[row];
    float *to = target.values + static_cast<size_t>(token) * target.rows + row;
    *to = target.adds ? sum + *to : sum;
}
