#include "matrices.h"
#include "plain_rounding.h"
#include <memory>

extern "C" void quantize(const int *, int, const float *, int, int8_t *, float *, int *, int8_t *, float *, int *);
#define MATRIX const uint8_t *, const uint8_t *, const uint8_t *, const float *, float *, int, int, int
#define PROJECTED(form)                                                                                              \
    extern "C" void project_##form(const int *, int, const int8_t *, const float *, const int *, int, MATRIX, MATRIX, \
                                   MATRIX);
PROJECTED(blocks_1) PROJECTED(blocks_2) PROJECTED(blocks_4)
PROJECTED(superblocks_1) PROJECTED(superblocks_2) PROJECTED(superblocks_4)
#define PROJECTED_PLAIN(tokens) \
    extern "C" void project_plain_##tokens(const int *, int, const float *, int, MATRIX, MATRIX, MATRIX);
PROJECTED_PLAIN(1) PROJECTED_PLAIN(2) PROJECTED_PLAIN(4)

namespace {

using blocks::Type;
using matrices::Matrix;

// ggml's numbers of types.
const int NUMBERS[] = {0, 1, 30, 8, 2, 3, 6, 7, 12, 13, 14};

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

// What comes of a matrix.
struct Product {
    const Matrix *matrix;
    const float *bias;
    testing::Memory<float> target;
    int adds;

    Product(const Matrix &matrix, const float *bias, const std::vector<float> &before, int adds)
        : matrix(&matrix), bias(bias), target(before), adds(adds) {}
};

// Runs `kernel` over the products, which are of matrices that take the same form of x.
template <int TOKENS, class Kernel, class... Source>
void launch(Kernel kernel, const int *step, int rows, const std::vector<Product *> &products, Source... source) {
    static const Matrix none(blocks::F32, 0, 1, 16);
    Product nothing(none, nullptr, {}, 0);
    Product *of[3];
    int blocks = 0;
    for (size_t i = 0; i < 3; i++) {
        of[i] = i < products.size() ? products[i] : &nothing;
        blocks += (of[i]->matrix->rows + 15) / 16;
    }
#define GIVEN(i)                                                                                                    \
    const_cast<Matrix *>(of[i]->matrix)->low.data(), const_cast<Matrix *>(of[i]->matrix)->high.data(),             \
        const_cast<Matrix *>(of[i]->matrix)->scales.data(), of[i]->bias, of[i]->target.data(),                     \
        NUMBERS[of[i]->matrix->type], of[i]->matrix->rows, of[i]->adds
    testing::run(dim3(blocks, (rows + TOKENS - 1) / TOKENS), dim3(256), 0, kernel, step, 1, source..., GIVEN(0), GIVEN(1),
                 GIVEN(2));
#undef GIVEN
}

template <class Kernel1, class Kernel2, class Kernel4, class... Source>
void launch_for(int at_once, Kernel1 one, Kernel2 two, Kernel4 four, const int *step, int rows,
                const std::vector<Product *> &products, Source... source) {
    if (at_once == 1) return launch<1>(one, step, rows, products, source...);
    if (at_once == 2) return launch<2>(two, step, rows, products, source...);
    launch<4>(four, step, rows, products, source...);
}

// The rows from `first` on, `count` of them, as a step of their own; `at_once` of them by a block.
void project(const std::vector<Product *> &products, const Inputs &x, int first, int count, int spare_rows, int at_once) {
    const std::vector<float> rows(x.values.begin() + first * x.columns, x.values.begin() + (first + count) * x.columns);
    testing::Memory<int> step(testing::step_header(0, count));
    testing::Memory<float> source(rows);
    const Type type = products[0]->matrix->type;
    const int launched = count + spare_rows;
    if (blocks::is_plain(type)) {
        return launch_for(at_once, project_plain_1, project_plain_2, project_plain_4, step.data(), launched, products,
                          static_cast<const float *>(source.data()), x.columns);
    }
    const bool k = blocks::is_k(type);
    testing::Rounded rounded(count, x.columns);
    testing::run(dim3(launched, (x.columns + 1023) / 1024), dim3(128), 0, quantize, step.data(), 1, source.data(), x.columns,
                 ROUNDED_INTO(!k, rounded), ROUNDED_INTO(k, rounded));
    launch_for(at_once, k ? project_superblocks_1 : project_blocks_1, k ? project_superblocks_2 : project_blocks_2,
               k ? project_superblocks_4 : project_blocks_4, step.data(), launched, products, rounded.quants.data(),
               rounded.scales.data(), rounded.sums.data(), x.columns);
}

std::vector<float> project(const Matrix &matrix, const Inputs &x, int first, int count, const float *bias,
                           std::vector<float> before, int adds, int spare_rows, int at_once) {
    Product product(matrix, bias, before, adds);
    project({&product}, x, first, count, spare_rows, at_once);
    return product.target.values();
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
        project(matrix, x, 0, tokens, nullptr, std::vector<float>(tokens * rows, NAN), 0, 5, 4);
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
            project(matrix, x, 0, tokens, nullptr, std::vector<float>(tokens * rows, NAN), 0, 0, 4);
        for (int token = 0; token < tokens; token++)
            for (const int at_once : {1, 4})
                testing::same(blocks::shape(matrix.type).name,
                              project(matrix, x, token, 1, nullptr, std::vector<float>(rows, NAN), 0, 0, at_once),
                              std::vector<float>(together.begin() + token * rows, together.begin() + (token + 1) * rows));
        for (const int at_once : {1, 2})
            testing::same(blocks::shape(matrix.type).name,
                          project(matrix, x, 0, tokens, nullptr, std::vector<float>(tokens * rows, NAN), 0, 3, at_once),
                          together);
    }
}

CASE(project_takes_matrices_of_several_types_at_once) {
    const std::vector<std::vector<Type>> together = {{blocks::Q4_K, blocks::Q6_K, blocks::Q5_K},
                                                     {blocks::Q8_0, blocks::Q4_1},
                                                     {blocks::F16, blocks::F32, blocks::F16}};
    const Inputs x = inputs_of(2, 512);
    for (const std::vector<Type> &types : together)
        for (const int at_once : {1, 2, 4}) {
            std::vector<std::unique_ptr<Matrix>> weights;
            std::vector<std::unique_ptr<Product>> products;
            std::vector<Product *> given;
            for (const Type type : types) {
                const int rows = 40 - 13 * static_cast<int>(weights.size());
                weights.push_back(std::make_unique<Matrix>(type, rows, 512, 16));
                products.push_back(std::make_unique<Product>(*weights.back(), nullptr, std::vector<float>(2 * rows, NAN), 0));
                given.push_back(products.back().get());
            }
            project(given, x, 0, 2, 1, at_once);
            for (const auto &product : products)
                testing::same(blocks::shape(product->matrix->type).name, product->target.values(),
                              project(*product->matrix, x, 0, 2, nullptr,
                                      std::vector<float>(2 * product->matrix->rows, NAN), 0, 0, at_once));
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
        testing::near("bias", project(matrix, x, 0, 2, added.data(), std::vector<float>(42, NAN), 0, 0, 2), expected, 1e-5);
        for (int i = 0; i < 42; i++) expected[i] += before[i];
        testing::near("adds", project(matrix, x, 0, 2, added.data(), before, 1, 0, 1), expected, 1e-5);
    }
}

CASE(project_of_what_is_not_finite_is_not_finite) {
    for (const Type type : {blocks::Q5_0, blocks::Q6_K, blocks::F16})
        for (const float value : {NAN, INFINITY}) {
            const Matrix matrix(type, 3, 512, 16);
            Inputs x = inputs_of(2, 512);
            x.values[300] = value;
            const std::vector<float> actual = project(matrix, x, 0, 2, nullptr, std::vector<float>(6, 0.0f), 0, 0, 2);
            for (int i = 0; i < 6; i++)
                if (std::isfinite(actual[i]) != (i >= 3)) testing::failed("finite where it is not, or not where it is");
        }
}
