// Rows that only change their places; values are copied as words, whatever they are.
// take_rows: rows that stand behind the step's words to `target` [T, columns].
// gather_rows: the rows of the tokens that are sampled after to `samples` [N, columns].
// Grid: (rows, ceil(columns / 1024)), blocks of 256.
#include "step.cuh"

DEVICE void copy_row(const int *from, int *to, int columns) {
    int end = min(columns, (int)(blockIdx.y + 1) * 1024);
    for (int i = blockIdx.y * 1024 + threadIdx.x; i < end; i += blockDim.x) {
        to[i] = from[i];
    }
}

extern "C" __global__ void __launch_bounds__(256) take_rows(const int *words, int *target, int columns) {
    Step step(words);
    size_t row = blockIdx.x;
    if ((int)row < step.tokens()) {
        copy_row(step.rows_behind() + row * columns, target + row * columns, columns);
    }
}

extern "C" __global__ void __launch_bounds__(256)
    gather_rows(const int *words, const int *tokens, int *samples, int columns) {
    Step step(words);
    size_t row = blockIdx.x;
    if ((int)row < step.samples()) {
        copy_row(tokens + (size_t)step.sample(row).token() * columns, samples + row * columns, columns);
    }
}

EXPORT(take_rows)
EXPORT(gather_rows)
