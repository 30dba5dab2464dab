#include "matrices.h"

extern "C" void quantize(const int *, int, const float *, int8_t *, float *, int *, int, int);
#define PROJECTED(name)                                                                                                \
    extern "C" void project_##name(const int *, int, const int8_t *, const float *, const int *, const uint8_t *,     \
                                   const uint8_t *, const uint8_t *, const float *, float *, int, int, int);
PROJECTED(q8_0) PROJECTED(q4_0) PROJECTED(q4_1) PROJECTED(q5_0) PROJECTED(q5_1) PROJECTED(q4_k) PROJECTED(q5_k)
PROJECTED(q6_k)
#define PROJECTED_PLAIN(name)                                                                                     \
    extern "C" void project_plain_##name(const int *, int, const float *, const uint8_t *, const uint8_t *,      \
                                         const uint8_t *, const float *, float *, int, int, int);
PROJECTED_PLAIN(f32) PROJECTED_PLAIN(f16) PROJECTED_PLAIN(bf16)

namespace {

using blocks::Type;
using matrices::Matrix;
typedef void (*Project)(const int *, int, const int8_t *, const float *, const int *, const uint8_t *, const uint8_t *,
                        const uint8_t *, const float *, float *, int, int, int);
typedef void (*ProjectPlain)(const int *, int, const float *, const uint8_t *, const uint8_t *, const uint8_t *,
                             const float *, float *, int, int, int);

const Project PROJECTS[] = {project_q8_0, project_q4_0, project_q4_1, project_q5_0,
                            project_q5_1, project_q4_k, project_q5_k, project_q6_k};
const ProjectPlain PLAIN_PROJECTS[] = {project_plain_f32, project_plain_f16, project_plain_bf16};

// What rounding makes of a row, as QuantizeTask.java says it.
std::vector<double> rounded(const std::vector<float> &row, int block_columns) {
    std::vector<double> values(row.size());
    for (size_t start = 0; start < row.size(); start += block_columns) {
        float largest = 0;
        for (int i = 0; i < block_columns; i++) largest = std::max(largest, std::fabs(row[start + i]));
        const float scale = largest / 127, inverse = scale < 0x1p-126f ? 0 : 1 / scale;
        for (int i = 0; i < block_columns; i++)
            values[start + i] = static_cast<double>(scale) * std::nearbyint(row[start + i] * inverse);
    }
    return values;
}

struct Inputs {
    int tokens, columns;
    std::vector<float> values;
};

Inputs inputs_of(int tokens, int columns) {
    return {tokens, columns, testing::normal(static_cast<size_t>(tokens) * columns)};
}

// The rows from `first` on, `count` of them, as a step of their own.
std::vector<float> project(const Matrix &matrix, const Inputs &x, int first, int count, const float *bias,
                           std::vector<float> before, int adds, int spare_rows) {
    const std::vector<float> rows(x.values.begin() + first * x.columns, x.values.begin() + (first + count) * x.columns);
    testing::Memory<int> step(testing::step_header(0, count));
    testing::Memory<float> source(rows), target(before);
    Matrix &weights = const_cast<Matrix &>(matrix);
    const dim3 grid((matrix.rows + 15) / 16, (count + spare_rows + 3) / 4);
    if (blocks::is_plain(matrix.type)) {
        testing::run(grid, dim3(256), 0, PLAIN_PROJECTS[matrix.type], step.data(), 1, source.data(), weights.low.data(),
                     nullptr, nullptr, bias, target.data(), matrix.rows, matrix.columns, adds);
        return target.values();
    }
    const int units = matrix.columns / 32;
    testing::Memory<int8_t> quants(rows.size());
    testing::Memory<float> scales(count * units);
    testing::Memory<int> sums(count * units);
    testing::run(dim3(count + spare_rows, (units + 7) / 8), dim3(256), 0, quantize, step.data(), 1, source.data(),
                 quants.data(), scales.data(), sums.data(), matrix.columns, blocks::is_k(matrix.type) ? 8 : 1);
    testing::run(grid, dim3(256), 0, PROJECTS[matrix.type - blocks::Q8_0], step.data(), 1, quants.data(), scales.data(),
                 sums.data(), weights.low.data(), weights.high.data(), weights.scales.data(), bias, target.data(),
                 matrix.rows, matrix.columns, adds);
    return target.values();
}

std::vector<double> expected_of(const Matrix &matrix, const Inputs &x) {
    std::vector<double> expected;
    for (int token = 0; token < x.tokens; token++) {
        const std::vector<float> row(x.values.begin() + token * x.columns, x.values.begin() + (token + 1) * x.columns);
        const std::vector<double> values = blocks::is_plain(matrix.type)
                                               ? std::vector<double>(row.begin(), row.end())
                                               : rounded(row, blocks::shape(matrix.type).columns);
        for (int out = 0; out < matrix.rows; out++) {
            double sum = 0;
            for (int i = 0; i < x.columns; i++)
                sum += values[i] * matrix.values[static_cast<size_t>(out) * x.columns + i];
            expected.push_back(sum);
        }
    }
    return expected;
}

void check(Type type, int rows, int columns, int tokens) {
    const Matrix matrix(type, rows, columns, 16);
    const Inputs x = inputs_of(tokens, columns);
    const std::vector<float> actual =
        project(matrix, x, 0, tokens, nullptr, std::vector<float>(tokens * rows, NAN), 0, 5);
    char what[80];
    snprintf(what, sizeof what, "%s [%d, %d] x %d", blocks::shape(type).name, rows, columns, tokens);
    testing::near(what, actual, expected_of(matrix, x), 1e-5);
}

std::vector<int> columns_of(Type type) {
    if (blocks::is_plain(type)) return {1, 5, 33, 300};
    return blocks::is_k(type) ? std::vector<int>{256, 768, 2304} : std::vector<int>{32, 96, 544};
}
}  // namespace

CASE(project_is_the_product) {
    for (int type = 0; type < blocks::TYPES; type++)
        for (const int columns : columns_of(static_cast<Type>(type)))
            for (const int rows : {1, 15, 17, 33}) check(static_cast<Type>(type), rows, columns, rows % 5 + 1);
}

CASE(project_does_not_depend_on_the_other_rows) {
    for (int type = 0; type < blocks::TYPES; type++) {
        const int rows = 20, tokens = 6, columns = columns_of(static_cast<Type>(type)).back();
        const Matrix matrix(static_cast<Type>(type), rows, columns, 32);
        const Inputs x = inputs_of(tokens, columns);
        const std::vector<float> together =
            project(matrix, x, 0, tokens, nullptr, std::vector<float>(tokens * rows, NAN), 0, 0);
        for (int token = 0; token < tokens; token++)
            testing::same(blocks::shape(matrix.type).name,
                          project(matrix, x, token, 1, nullptr, std::vector<float>(rows, NAN), 0, 0),
                          std::vector<float>(together.begin() + token * rows, together.begin() + (token + 1) * rows));
    }
}

CASE(project_adds_a_bias_and_what_stands_there) {
    for (const Type type : {blocks::Q8_0, blocks::Q4_K, blocks::BF16}) {
        const Matrix matrix(type, 21, 256, 16);
        const Inputs x = inputs_of(2, 256);
        const std::vector<float> bias = testing::normal(21), before = testing::normal(42);
        testing::Memory<float> added(bias);
        std::vector<double> expected = expected_of(matrix, x);
        for (int i = 0; i < 42; i++) expected[i] += bias[i % 21];
        testing::near("bias", project(matrix, x, 0, 2, added.data(), std::vector<float>(42, NAN), 0, 0), expected, 1e-5);
        for (int i = 0; i < 42; i++) expected[i] += before[i];
        testing::near("adds", project(matrix, x, 0, 2, added.data(), before, 1, 0), expected, 1e-5);
    }
}

CASE(project_of_what_is_not_finite_is_not_finite) {
    for (const Type type : {blocks::Q5_0, blocks::Q6_K, blocks::F16})
        for (const float value : {NAN, INFINITY}) {
            const Matrix matrix(type, 3, 512, 16);
            Inputs x = inputs_of(2, 512);
            x.values[300] = value;
            const std::vector<float> actual = project(matrix, x, 0, 2, nullptr, std::vector<float>(6, 0.0f), 0, 0);
            for (int i = 0; i < 6; i++)
                if (std::isfinite(actual[i]) != (i >= 3)) testing::failed("finite where it is not, or not where it is");
        }
}

CASE(quantize_rounds_as_the_processor_does) {
    const int columns = 544;
    std::vector<float> row = testing::normal(columns);
    // Halves, which go to the even one, a block of nothing and one too small for a scale.
    for (int i = 0; i < 32; i++) row[i] = i == 0 ? 127.0f : i + 0.5f;
    for (int i = 32; i < 64; i++) row[i] = 0.0f;
    for (int i = 64; i < 96; i++) row[i] = 1e-38f;
    testing::Memory<int> step(testing::step_header(1, 0)), sums(17);
    testing::Memory<float> source(row), scales(17);
    testing::Memory<int8_t> quants(columns);
    testing::run(dim3(1, 3), dim3(256), 0, quantize, step.data(), 0, source.data(), quants.data(), scales.data(), sums.data(),
                 columns, 1);
    const std::vector<double> expected = rounded(row, 32);
    for (int unit = 0; unit < 17; unit++) {
        int sum = 0;
        for (int i = 0; i < 32; i++) {
            const int quant = quants[unit * 32 + i % 16 / 4 * 8 + i / 16 * 4 + i % 4];
            sum += quant;
            if (static_cast<double>(scales[unit]) * quant != expected[unit * 32 + i]) return testing::failed("another quant");
        }
        if (sums[unit] != sum) testing::failed("another sum");
    }
}
