// Rows that only change their places; values are copied as words, whatever they are.
// take_rows: rows that stand behind the step's words to `target` [T, columns].
// gather_rows: the rows of the tokens that are sampled after to `samples` [N, columns], of one buffer or two: the first
// `blocks` of the grid's second axis have the first one.
// Grid: (rows, ceil(columns / 1024) of each), blocks of 256.
#include "step.cuh"

DEVICE void copy_row(const int *from, int *to, int columns, int block) {
    int end = min(columns, (block + 1) * 1024);
    for (int i = block * 1024 + threadIdx.x; i < end; i += blockDim.x) {
        to[i] = from[i];
    }
}

extern "C" __global__ void __launch_bounds__(256) take_rows(const int *words, int *target, int columns) {
    Step step(words);
    size_t row = blockIdx.x;
    if ((int)row < step.tokens()) {
        copy_row(step.rows_behind() + row * columns, target + row * columns, columns, blockIdx.y);
    }
}

extern "C" __global__ void __launch_bounds__(256)
    gather_rows(const int *words, const int *tokens, int *samples, int columns, int blocks, const int *otherTokens,
                int *otherSamples, int otherColumns) {
    Step step(words);
    size_t row = blockIdx.x;
    int block = blockIdx.y;
    if ((int)row >= step.samples()) {
        return;
    }
    size_t token = step.sample(row).token();
    if (block < blocks) {
        copy_row(tokens + token * columns, samples + row * columns, columns, block);
    } else {
        copy_row(otherTokens + token * otherColumns, otherSamples + row * otherColumns, otherColumns, block - blocks);
    }
}

EXPORT(take_rows)
EXPORT(gather_rows)
