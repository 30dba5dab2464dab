#include "shim_test.h"
#include "step.cuh"
#include "packed_step.h"

extern "C" void rope_angles(const int *, const double *, float, float2 *, int);
extern "C" void rope(const int *, float *, const float2 *, int, int, int, int);

namespace {

// Values behind the pairs of a head stay as they are.
void check(int heads, int size, int pairs, bool halves) {
    const std::vector<testing::Part> parts = {{900, 6, std::vector<int>(60, 0)}, {0, 3, {1}}, {131000, 1, std::vector<int>(9000, 2)}};
    const int rows = 10;
    const std::vector<int> words = testing::packed(parts);
    std::vector<double> radians;
    for (int i = 0; i < pairs; i++) radians.push_back(std::pow(10000.0, -static_cast<double>(i) / pairs));
    const float magnitude = 1.25f;
    const std::vector<float> values = testing::normal(static_cast<size_t>(rows) * heads * size);
    std::vector<double> wanted(values.begin(), values.end());
    for (int row = 0; row < rows; row++)
        for (int head = 0; head < heads; head++)
            for (int i = 0; i < pairs; i++) {
                const size_t first = (static_cast<size_t>(row) * heads + head) * size + (halves ? i : 2 * i);
                const size_t second = first + (halves ? pairs : 1);
                const double angle = words[12 + rows + row] * radians[i];
                const double cosine = cos(angle) * magnitude, sine = sin(angle) * magnitude;
                wanted[first] = values[first] * cosine - values[second] * sine;
                wanted[second] = values[first] * sine + values[second] * cosine;
            }
    testing::Memory<int> step(words);
    testing::Memory<double> frequencies(radians);
    testing::Memory<float2> table(static_cast<size_t>(rows) * pairs);
    testing::Memory<float> turned(values);
    testing::run(dim3(rows + 3), dim3(128), 0, rope_angles, step.data(), frequencies.data(), magnitude, table.data(), pairs);
    testing::run(dim3(rows + 3, heads), dim3(64), 0, rope, step.data(), turned.data(), table.data(), heads * size, size,
                 pairs, halves ? 1 : 0);
    testing::near("rope", turned.values(), wanted, 1e-6);
}
}  // namespace

CASE(rope_turns_pairs_of_both_kinds) {
    for (const bool halves : {false, true}) {
        check(3, 6, 3, halves);
        check(2, 20, 7, halves);
        check(2, 128, 64, halves);
        check(1, 300, 150, halves);
    }
}
