// Rotary positions.
// rope_angles: cosines and sines [T, pairs] of the step's positions, scaled by `magnitude`, once a step. Grid: (rows),
// blocks of 128.
// rope: turns the heads [T, columns] in place; a pair is i and i + pairs of a head (halves), or 2 i and 2 i + 1. Grid:
// (rows, heads), blocks of 64.
#include "step.cuh"

extern "C" __global__ void __launch_bounds__(128)
    rope_angles(const int *words, const double *radians, float magnitude, float2 *table, int pairs) {
    Step step(words);
    int row = blockIdx.x;
    if (row >= step.tokens()) {
        return;
    }
    double position = step.position(row);
    for (int i = threadIdx.x; i < pairs; i += blockDim.x) {
        double angle = position * radians[i];
        float2 turn;
        turn.x = (float)(cos(angle) * magnitude);
        turn.y = (float)(sin(angle) * magnitude);
        table[(size_t)row * pairs + i] = turn;
    }
}

extern "C" __global__ void __launch_bounds__(64)
    rope(const int *words, float *heads, const float2 *table, int columns, int headSize, int pairs, int halves) {
    Step step(words);
    int row = blockIdx.x;
    if (row >= step.tokens()) {
        return;
    }
    float *head = heads + (size_t)row * columns + (size_t)blockIdx.y * headSize;
    int stride = halves ? 1 : 2;
    int between = halves ? pairs : 1;
    for (int i = threadIdx.x; i < pairs; i += blockDim.x) {
        float2 turn = table[(size_t)row * pairs + i];
        float *pair = head + i * stride;
        float x = pair[0];
        float y = pair[between];
        pair[0] = x * turn.x - y * turn.y;
        pair[between] = x * turn.y + y * turn.x;
    }
}

EXPORT(rope_angles)
EXPORT(rope)
