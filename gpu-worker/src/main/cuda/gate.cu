// gate = gate / (1 + exp(-gate)) * up, step by step as Exponential.java has it: where results are rounded to 8 bits, the
// last bit of a value decides now and then. Grid (rows, ceil(columns / 1024)), blocks of 256.
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
}  // namespace

extern "C" __global__ void __launch_bounds__(256) gate(const int *step, int kind, float *gates, const float *ups, int columns) {
    const int row = blockIdx.x, end = min(columns, 1024 * (static_cast<int>(blockIdx.y) + 1));
    if (row >= Step(step).rows(kind)) return;
    for (int column = 1024 * blockIdx.y + threadIdx.x; column < end; column += 256) {
        const size_t at = static_cast<size_t>(row) * columns + column;
        const float value = gates[at];
        gates[at] = value / (exponential(0.0f - value) + 1.0f) * ups[at];
    }
}
EXPORT(gate)
