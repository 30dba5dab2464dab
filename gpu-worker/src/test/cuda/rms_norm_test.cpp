#include "plain_rounding.h"

extern "C" void rms_norm(const int *, int, const float *, const float *, float, float *, int, int8_t *, float *, int *, int8_t *,
                         float *, int *);

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

#define NOT_ROUNDED nullptr, nullptr, nullptr, nullptr, nullptr, nullptr

// Rows beyond the step's are left as they were.
void check(int rows, int columns, int bucket) {
    testing::Memory<int> step(testing::step_header(rows, 0));
    const std::vector<float> values = testing::normal(static_cast<size_t>(rows) * columns);
    const std::vector<float> factors = testing::normal(columns);
    testing::Memory<float> source(values), weight(factors), target(values.size());
    testing::run(dim3(bucket), dim3(columns > 256 ? 256 : 32), 0, rms_norm, step.data(), 0, source.data(), weight.data(),
                 1e-5f, target.data(), columns, NOT_ROUNDED);
    testing::near("norm", target.values(), expected_of(values, factors, 1e-5f), 1e-6);
}
}  // namespace

CASE(rms_norm_of_rows) {
    for (const int columns : {1, 2, 31, 32, 33, 255, 256, 257, 1000, 2048}) check(3, columns, 4);
}

CASE(rms_norm_is_rounded_as_what_it_leaves) {
    for (const int columns : {32, 96, 256, 768, 2144})
        for (const auto &forms : testing::FORMS) {
            const int rows = 2;
            const std::vector<float> values = testing::normal(rows * columns), factors = testing::normal(columns);
            testing::Memory<int> step(testing::step_header(0, rows));
            testing::Memory<float> source(values), weight(factors), target(values.size()), plain(values.size());
            testing::Rounded blocks(rows, columns), superblocks(rows, columns);
            const bool whole = forms[1] && columns % 256 == 0;
            const dim3 block(columns > 256 ? 256 : 32);
            testing::run(dim3(rows), block, 0, rms_norm, step.data(), 1, source.data(), weight.data(), 1e-5f, plain.data(),
                         columns, NOT_ROUNDED);
            testing::run(dim3(rows + 1), block, 0, rms_norm, step.data(), 1, source.data(), weight.data(), 1e-5f,
                         target.data(), columns, ROUNDED_INTO(forms[0], blocks), ROUNDED_INTO(whole, superblocks));
            testing::same("norm", target.values(), plain.values());
            if (forms[0]) testing::check_rounded("blocks", plain.values(), columns, 32, blocks);
            if (whole) testing::check_rounded("superblocks", plain.values(), columns, 256, superblocks);
        }
}

CASE(rms_norm_in_place) {
    const std::vector<float> values = testing::normal(2 * 512), factors = testing::normal(512);
    testing::Memory<int> step(testing::step_header(9, 2));
    testing::Memory<float> rows(values), weight(factors);
    testing::run(dim3(2), dim3(256), 0, rms_norm, step.data(), 1, rows.data(), weight.data(), 0.0f, rows.data(), 512,
                 NOT_ROUNDED);
    testing::near("norm", rows.values(), expected_of(values, factors, 0.0f), 1e-6);
}

CASE(rms_norm_keeps_what_is_not_finite) {
    std::vector<float> values = testing::normal(600), factors(300, 1.0f);
    values[17] = NAN;
    testing::Memory<int> step(testing::step_header(2, 0));
    testing::Memory<float> rows(values), weight(factors);
    testing::run(dim3(2), dim3(256), 0, rms_norm, step.data(), 0, rows.data(), weight.data(), 1e-5f, rows.data(), 300,
                 NOT_ROUNDED);
    testing::near("norm", rows.values(), expected_of(values, factors, 1e-5f), 1e-6);
}
