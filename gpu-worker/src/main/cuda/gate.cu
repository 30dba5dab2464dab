// gate / (1 + exp(-gate)) * up, step by step as Exponential.java has it: where results are rounded to 8 bits, the last
// bit of a value decides now and then. Goes where products want it rounded (rounding.cuh), and only where none does, in
// place of the gate. Grid (rows, ceil(columns / 1024)), blocks of 128.
#include "rounding.cuh"
#include "step.cuh"

namespace {

DEVICE float exponential(float exponent) {
    // Comparisons that what is not a number fails, so that it passes.
    float x = exponent < -87.0f ? -87.0f : exponent;
    x = x > 88.0f ? 88.0f : x;
    const float rounding = 0x1.8p23f;
    const float rounded = fmaf(x, 1.44269504f, rounding);
    const float whole = rounded - rounding;
    const float rest = fmaf(whole, 2.12194440e-4f, fmaf(whole, -0.693359375f, x));
    float sum = fmaf(rest, 1.9875691500e-4f, 1.3981999507e-3f);
    sum = fmaf(rest, sum, 8.3334519073e-3f);
    sum = fmaf(rest, sum, 4.1665795894e-2f);
    sum = fmaf(rest, sum, 1.6666665459e-1f);
    sum = fmaf(rest, sum, 5.0000001201e-1f);
    const float mantissa = fmaf(rest * rest, sum, rest) + 1.0f;
    const uint32_t power = __float_as_uint(rounded) - __float_as_uint(rounding);
    return __uint_as_float(__float_as_uint(mantissa) + (power << 23));
}

DEVICE float gated(float gate, float up) { return gate / (exponential(0.0f - gate) + 1.0f) * up; }
}  // namespace

extern "C" __global__ void __launch_bounds__(128)
    gate(const int *step, int kind, float *gates, const float *ups, int columns, ROUNDED_PARAMETERS) {
    const RoundedForms forms = ROUNDED_FORMS;
    const int row = blockIdx.x;
    if (row >= Step(step).rows(kind)) return;
    float *own = gates + static_cast<size_t>(row) * columns;
    const float *other = ups + static_cast<size_t>(row) * columns;
    if (!forms.wanted()) {
        const int end = min(columns, 1024 * (static_cast<int>(blockIdx.y) + 1));
        for (int i = 1024 * blockIdx.y + threadIdx.x; i < end; i += blockDim.x) own[i] = gated(own[i], other[i]);
        return;
    }
    const SuperblockPlace place(4 * blockIdx.y + threadIdx.x / 32, columns);
    Eight values = {};
    if (place.is_there()) {
        values = load_eight(own + place.column);
        const Eight up = load_eight(other + place.column);
        for (int i = 0; i < 8; i++) values.value[i] = gated(values.value[i], up.value[i]);
    }
    round_superblock(values, forms, place, row);
}
EXPORT(gate)
