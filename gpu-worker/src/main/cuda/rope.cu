// Rotary positions: cosines and sines [T, pairs] of the step's positions, scaled by `magnitude`, once a step; heads.cu
// turns heads by them. Grid: (rows), blocks of 128.
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

EXPORT(rope_angles)
