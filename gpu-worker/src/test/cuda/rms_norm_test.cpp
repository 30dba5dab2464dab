#include "shim_test.h"

extern "C" void rms_norm(const int *, int, const float *, const float *, float, float *, int, int);

namespace {

std::vector<double> expected_of(const std::vector<float> &source, const std::vector<float> &weight, float epsilon) {
    std::vector<double> expected(source.size());
    for (size_t start = 0; start < source.size(); start += weight.size()) {
        double squares = 0;
        for (size_t i = 0; i < weight.size(); i++) squares += static_cast<double>(source[start + i]) * source[start + i];
        const double scale = 1 / std::sqrt(squares / weight.size() + epsilon);
        for (size_t i = 0; i < weight.size(); i++) expected[start + i] = source[start + i] * scale * weight[i];
    }
    return expected;
}

// Rows beyond the step's are left as they were.
void check(int rows, int parts, int size, int bucket) {
    const int columns = parts * size;
    testing::Memory<int> step(testing::step_header(rows, 0));
    const std::vector<float> values = testing::normal(static_cast<size_t>(rows) * columns);
    const std::vector<float> factors = testing::normal(size);
    testing::Memory<float> source(values), weight(factors), target(values.size());
    testing::run(dim3(bucket, parts), dim3(size > 256 ? 256 : 32), 0, rms_norm, step.data(), 0, source.data(),
                 weight.data(), 1e-5f, target.data(), columns, size);
    testing::near("norm", target.values(), expected_of(values, factors, 1e-5f), 1e-6);
}
}  // namespace

CASE(rms_norm_of_rows) {
    for (const int columns : {1, 2, 31, 32, 33, 255, 256, 257, 1000, 2048}) check(3, 1, columns, 4);
}

CASE(rms_norm_of_heads) {
    for (const int size : {6, 64, 80, 128, 300}) check(2, 5, size, 2);
}

CASE(rms_norm_in_place) {
    const std::vector<float> values = testing::normal(2 * 512), factors = testing::normal(512);
    testing::Memory<int> step(testing::step_header(9, 2));
    testing::Memory<float> rows(values), weight(factors);
    testing::run(dim3(2), dim3(256), 0, rms_norm, step.data(), 1, rows.data(), weight.data(), 0.0f, rows.data(), 512, 512);
    testing::near("norm", rows.values(), expected_of(values, factors, 0.0f), 1e-6);
}

CASE(rms_norm_keeps_what_is_not_finite) {
    std::vector<float> values = testing::normal(600), factors(300, 1.0f);
    values[17] = NAN;
    testing::Memory<int> step(testing::step_header(2, 0));
    testing::Memory<float> rows(values), weight(factors);
    testing::run(dim3(2), dim3(256), 0, rms_norm, step.data(), 0, rows.data(), weight.data(), 1e-5f, rows.data(), 300, 300);
    testing::near("norm", rows.values(), expected_of(values, factors, 1e-5f), 1e-6);
}
