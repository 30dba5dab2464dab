// Up to three matrices that are multiplied with the same rows in one launch: how a kernel takes them as arguments, and
// which one a block of the grid works on. The first matrix' blocks come first, then those of the second and the third;
// a matrix that is not there has no rows.
#pragma once
#include "units.cuh"

// ggml's numbers.
enum {
    TYPE_F32 = 0,
    TYPE_F16 = 1,
    TYPE_Q4_0 = 2,
    TYPE_Q4_1 = 3,
    TYPE_Q5_0 = 6,
    TYPE_Q5_1 = 7,
    TYPE_Q8_0 = 8,
    TYPE_Q4_K = 12,
    TYPE_Q5_K = 13,
    TYPE_Q6_K = 14,
    TYPE_BF16 = 30
};

// The product's target [tokens, rows]; what stands there is added if `adds`. `high`, `scales` and `bias` may be null.
struct Matrix {
    const uint8_t *low, *high, *scales;
    const float *bias;
    float *target;
    int type, rows, adds;

    DEVICE int blocks(int rows_of_block) const { return (rows + rows_of_block - 1) / rows_of_block; }

    DEVICE Matrix in_memory() const {
        return Matrix{in_device_memory(low), in_device_memory(high), in_device_memory(scales), in_device_memory(bias),
                      in_device_memory(target), type, rows, adds};
    }

    DEVICE Weights weights(int columns) const {
        return Weights{low, high, scales, (columns + UNIT_COLUMNS - 1) / UNIT_COLUMNS};
    }
};

struct MatrixBlock {
    Matrix matrix;
    // Of the matrix.
    int block;
};

// What block `block` of all works on, where blocks have so many rows.
DEVICE MatrixBlock matrix_block(int block, int rows_of_block, const Matrix &first, const Matrix &second,
                                const Matrix &third) {
    const int start = first.blocks(rows_of_block), later = start + second.blocks(rows_of_block);
    Matrix own = first;
    int before = 0;
    if (block >= start) {
        own = block < later ? second : third;
        before = block < later ? start : later;
    }
    return MatrixBlock{own.in_memory(), block - before};
}

#define MATRIX_PARAMETERS(n)                                                                                      \
    const uint8_t *low##n, const uint8_t *high##n, const uint8_t *scales##n, const float *bias##n, float *target##n, \
        int type##n, int rows##n, int adds##n
#define MATRIX(n) Matrix { low##n, high##n, scales##n, bias##n, target##n, type##n, rows##n, adds##n }

#define THREE_MATRIX_PARAMETERS MATRIX_PARAMETERS(0), MATRIX_PARAMETERS(1), MATRIX_PARAMETERS(2)
#define THREE_MATRICES MATRIX(0), MATRIX(1), MATRIX(2)
