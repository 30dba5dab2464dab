// Rounds rows of f32 to 8 bits in one or both forms (rounding.cuh). Grid (rows, ceil(columns / 1024)), blocks of 128.
#include "rounding.cuh"
#include "step.cuh"

extern "C" __global__ void __launch_bounds__(128)
    quantize(const int *step, int kind, const float *source, int columns, ROUNDED_PARAMETERS) {
    const int row = blockIdx.x;
    if (row >= Step(step).rows(kind)) return;
    const SuperblockPlace place(4 * blockIdx.y + threadIdx.x / 32, columns);
    Eight values = {};
    if (place.is_there()) values = load_eight(source + static_cast<size_t>(row) * columns + place.column);
    round_superblock(values, ROUNDED_FORMS, place, row);
}
EXPORT(quantize)
