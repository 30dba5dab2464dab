#include "shim_test.h"
#include "step.cuh"
#include "packed_step.h"

extern "C" void rope_angles(const int *, const double *, float, float2 *, int);

CASE(rope_angles_are_those_of_positions) {
    const std::vector<testing::Part> parts = {{900, 6, std::vector<int>(60, 0)}, {0, 3, {1}}, {131000, 1, std::vector<int>(9000, 2)}};
    const int rows = 10;
    const float magnitude = 1.25f;
    const std::vector<int> words = testing::packed(parts);
    for (const int pairs : {3, 64, 150}) {
        std::vector<double> radians, wanted;
        for (int i = 0; i < pairs; i++) radians.push_back(std::pow(10000.0, -static_cast<double>(i) / pairs));
        for (int row = 0; row < rows; row++)
            for (int i = 0; i < pairs; i++) {
                wanted.push_back(cos(words[12 + rows + row] * radians[i]) * magnitude);
                wanted.push_back(sin(words[12 + rows + row] * radians[i]) * magnitude);
            }
        testing::Memory<int> step(words);
        testing::Memory<double> frequencies(radians);
        testing::Memory<float2> table(static_cast<size_t>(rows) * pairs);
        testing::run(dim3(rows + 3), dim3(128), 0, rope_angles, step.data(), frequencies.data(), magnitude, table.data(), pairs);
        std::vector<float> found;
        for (const float2 angle : table.values()) found.insert(found.end(), {angle.x, angle.y});
        testing::near("angles", found, wanted, 1e-7);
    }
}
