// Whether the kernels for many tokens have the bits of those for few.
#include "matrices.h"
#include <memory>

#define ROUNDED int8_t *, float *, int *
extern "C" void quantize(const int *, int, const float *, int, ROUNDED, ROUNDED);
#define MATRIX const uint8_t *, const uint8_t *, const uint8_t *, const float *, float *, int, int, int
#define PROJECTED(name)                                                                                            \
    extern "C" void project_##name(const int *, int, const int8_t *, const float *, const int *, int, MATRIX, MATRIX, \
                                   MATRIX);
PROJECTED(blocks_4) PROJECTED(superblocks_4)
PROJECTED(tiles_blocks_8) PROJECTED(tiles_blocks_16) PROJECTED(tiles_blocks_32)
PROJECTED(tiles_superblocks_8) PROJECTED(tiles_superblocks_16) PROJECTED(tiles_superblocks_32)
PROJECTED(panels_blocks) PROJECTED(panels_superblocks)

#define PROJECTED_PLAIN(tokens) \
    extern "C" void project_plain_##tokens(const int *, int, const float *, int, MATRIX, MATRIX, MATRIX);
PROJECTED_PLAIN(4) PROJECTED_PLAIN(8)

namespace {

using blocks::Type;
using matrices::Matrix;
typedef void (*Project)(const int *, int, const int8_t *, const float *, const int *, int, MATRIX, MATRIX, MATRIX);
typedef void (*ProjectPlain)(const int *, int, const float *, int, MATRIX, MATRIX, MATRIX);

// ggml's numbers of types.
const int NUMBERS[] = {0, 1, 30, 8, 2, 3, 6, 7, 12, 13, 14};

// How a kernel is launched: what a block of it takes.
struct Shape {
    const char *name;
    Project blocks, superblocks;
    ProjectPlain plain;
    int rows, tokens, threads;
    size_t shared_bytes;

    dim3 grid(int row_blocks, int tokens_of_launch) const {
        const int token_blocks = (tokens_of_launch + tokens - 1) / tokens;
        return tokens == 4 ? dim3(row_blocks, token_blocks) : dim3(token_blocks, row_blocks);
    }

    Project kernel(Type type) const { return blocks::is_k(type) ? superblocks : blocks; }
};

const Shape FEW = {"4", project_blocks_4, project_superblocks_4, project_plain_4, 16, 4, 256, 0};
const Shape EIGHT = {"8", project_tiles_blocks_8, project_tiles_superblocks_8, nullptr, 16, 8, 256, 0};
const Shape SIXTEEN = {"16", project_tiles_blocks_16, project_tiles_superblocks_16, nullptr, 16, 16, 256, 0};
const Shape THIRTY_TWO = {"32", project_tiles_blocks_32, project_tiles_superblocks_32, nullptr, 16, 32, 256, 0};
const Shape PANELS = {"panels", project_panels_blocks, project_panels_superblocks, nullptr, 128, 64, 512, 151808};
const Shape PLAIN = {"8", nullptr, nullptr, project_plain_8, 32, 8, 256, 0};

// Rows as they were rounded for matrices of a type.
struct Rounded {
    int tokens, columns;
    testing::Memory<int> step;
    testing::Memory<int8_t> quants;
    testing::Memory<float> scales;
    testing::Memory<int> sums;

    Rounded(Type type, int tokens, int columns)
        : tokens(tokens), columns(columns), step(testing::step_header(0, tokens)),
          quants(static_cast<size_t>(tokens) * columns), scales(tokens * columns / 32), sums(tokens * columns / 32) {
        std::vector<float> values = testing::normal(quants.size());
        // The most that there can be in a block.
        for (int i = 0; i < columns; i++) values[i] = 1.0f;
        testing::Memory<float> source(values);
        const bool k = blocks::is_k(type);
        testing::run(dim3(tokens, (columns + 1023) / 1024), dim3(128), 0, quantize, step.data(), 1, source.data(), columns,
                     k ? nullptr : quants.data(), scales.data(), sums.data(), k ? quants.data() : nullptr, scales.data(),
                     sums.data());
    }
};

// Rows as they are, for matrices of a type.
struct Plain {
    int tokens, columns;
    testing::Memory<int> step;
    testing::Memory<float> values;

    Plain(Type, int tokens, int columns)
        : tokens(tokens), columns(columns), step(testing::step_header(0, tokens)),
          values(testing::normal(static_cast<size_t>(tokens) * columns)) {}
};

// Up to three matrices, the second with a bias and something to add to.
struct Products {
    std::vector<std::unique_ptr<Matrix>> matrices;
    std::vector<float> bias = testing::normal(400), before = testing::normal(400 * 200);
    std::string error;

    void add(Type type, int rows, int columns) { matrices.push_back(std::make_unique<Matrix>(type, rows, columns, 1024)); }

    // What a kernel makes of them, one after another; `spare` rows more than there are in the launch.
    template <class Rows> std::vector<float> by(const Shape &shape, Rows &x, int spare) {
        static const Matrix none(blocks::F32, 0, 1, 16);
        testing::Memory<float> added(bias);
        std::vector<std::unique_ptr<testing::Memory<float>>> targets;
        Matrix *of[3];
        int row_blocks = 0;
        for (size_t i = 0; i < 3; i++) {
            of[i] = const_cast<Matrix *>(i < matrices.size() ? matrices[i].get() : &none);
            row_blocks += (of[i]->rows + shape.rows - 1) / shape.rows;
            const size_t values = static_cast<size_t>(x.tokens) * of[i]->rows;
            targets.push_back(std::make_unique<testing::Memory<float>>(
                i % 2 == 1 ? std::vector<float>(before.begin(), before.begin() + values) : std::vector<float>(values, NAN)));
        }
#define GIVEN(i)                                                                                              \
    of[i]->low.data(), of[i]->high.data(), of[i]->scales.data(), i == 1 ? added.data() : nullptr, targets[i]->data(), \
        NUMBERS[of[i]->type], of[i]->rows, i == 1
        error = shim::launch(shape.grid(row_blocks, x.tokens + spare), dim3(shape.threads), shape.shared_bytes, [&] {
            if constexpr (std::is_same_v<Rows, Plain>)
                shape.plain(x.step.data(), 1, x.values.data(), x.columns, GIVEN(0), GIVEN(1), GIVEN(2));
            else
                shape.kernel(matrices[0]->type)(x.step.data(), 1, x.quants.data(), x.scales.data(), x.sums.data(), x.columns,
                                                GIVEN(0), GIVEN(1), GIVEN(2));
        });
#undef GIVEN
        std::vector<float> all;
        for (const auto &target : targets)
            for (const float value : target->values()) all.push_back(value);
        return all;
    }

    template <class Rows> void check(const Shape &shape, Rows &x) {
        const std::vector<float> expected = by(FEW, x, 0), actual = by(shape, x, shape.tokens + 1);
        char what[120];
        snprintf(what, sizeof what, "%s by %s, [%d, %d] x %d", blocks::shape(matrices[0]->type).name, shape.name,
                 matrices[0]->rows, x.columns, x.tokens);
        if (!error.empty()) testing::failed(what + error);
        testing::same(what, actual, expected);
    }

    // Whether something is wrong under one schedule at least when `what` is left out.
    template <class Rows> void expect_need(const char *what, const Shape &shape, Rows &x) {
        const std::vector<float> expected = by(FEW, x, 0);
        const int schedule = shim::state.schedule;
        bool seen = false;
        shim::state.left_out = what;
        for (int other = 0; other < shim::SCHEDULES; other++) {
            shim::state.schedule = other;
            const std::vector<float> actual = by(shape, x, 0);
            seen |= !error.empty() || memcmp(actual.data(), expected.data(), actual.size() * sizeof(float)) != 0;
        }
        shim::state.left_out.clear();
        shim::state.schedule = schedule;
        if (!seen) testing::failed(std::string("not missed: ") + what);
    }
};

template <class Rows = Rounded> void check(const Shape &shape, Type type, int rows, int columns, int tokens) {
    Products products;
    products.add(type, rows, columns);
    Rows x(type, tokens, columns);
    products.check(shape, x);
}

template <class Rows = Rounded> void expect_need(const char *what, const Shape &shape, Type type, int columns, int tokens) {
    Products products;
    products.add(type, 40, columns);
    Rows x(type, tokens, columns);
    products.expect_need(what, shape, x);
}
}  // namespace

CASE(tiles_have_the_bits_of_few_tokens) {
    for (int type = blocks::Q8_0; type < blocks::TYPES; type++) {
        const int smallest = blocks::shape(static_cast<Type>(type)).columns;
        for (const Shape &shape : {EIGHT, SIXTEEN, THIRTY_TWO, PANELS})
            // One block of columns, an odd number of units, more than each slice has once.
            for (const int columns : {smallest, 3 * smallest, blocks::is_k(static_cast<Type>(type)) ? 2304 : 1120})
                check(shape, static_cast<Type>(type), columns == smallest ? 1 : 33, columns,
                      columns == smallest ? 1 : columns == 3 * smallest ? shape.tokens + 1 : shape.tokens - 1);
    }
}

CASE(tiles_have_the_bits_of_few_tokens_whatever_their_number) {
    for (const Type type : {blocks::Q5_1, blocks::Q6_K, blocks::Q4_K})
        for (const Shape &shape : {EIGHT, SIXTEEN, THIRTY_TWO, PANELS})
            for (const int tokens : {1, 5, 7, 8, 9, 16, 33, 64, 65, 130}) check(shape, type, 20, 512, tokens);
}

CASE(tiles_of_several_matrices_with_a_bias_and_what_stands_there) {
    for (const Shape &shape : {EIGHT, SIXTEEN, THIRTY_TWO, PANELS}) {
        for (const bool k : {false, true}) {
            Products products;
            products.add(k ? blocks::Q4_K : blocks::Q8_0, 130, 768);
            products.add(k ? blocks::Q6_K : blocks::Q4_1, 40, 768);
            products.add(k ? blocks::Q5_K : blocks::Q5_0, 17, 768);
            Rounded x(k ? blocks::Q4_K : blocks::Q8_0, 10, 768);
            products.check(shape, x);
        }
    }
}

CASE(tiles_of_what_is_not_finite) {
    for (const Type type : {blocks::Q5_0, blocks::Q4_K})
        for (const Shape &shape : {EIGHT, PANELS}) {
            Products products;
            products.add(type, 3, 512);
            Rounded x(type, 2, 512);
            x.scales[8] = INFINITY;
            x.scales[24] = NAN;
            const std::vector<float> actual = products.by(shape, x, 0);
            for (int i = 0; i < 6; i++)
                if (std::isfinite(actual[i])) testing::failed("finite where it is not");
        }
}

CASE(tiles_of_plain_values_have_the_bits_of_few_tokens) {
    for (const Type type : {blocks::F32, blocks::F16, blocks::BF16})
        for (const int columns : {1, 33, 300, 1028})
            for (const int tokens : {1, 7, 8, 17}) check<Plain>(PLAIN, type, columns % 50 + 1, columns, tokens);
    Products products;
    products.add(blocks::F32, 50, 90);
    products.add(blocks::BF16, 33, 90);
    products.add(blocks::F16, 16, 90);
    Plain x(blocks::F32, 10, 90);
    products.check(PLAIN, x);
}

CASE(tiles_need_their_barriers_and_waits) {
    expect_need("the barrier behind slices", EIGHT, blocks::Q4_0, 512, 8);
    expect_need("the barrier between slices", SIXTEEN, blocks::Q4_0, 512, 16);
    for (const Type type : {blocks::Q8_0, blocks::Q5_K}) {
        expect_need("the wait for copies of panels", PANELS, type, 2304, 20);
        expect_need("the barrier between stages", PANELS, type, 2304, 20);
    }
    expect_need<Plain>("the wait for copies of units", PLAIN, blocks::F16, 600, 8);
    expect_need<Plain>("the barrier between units", PLAIN, blocks::F16, 600, 8);
    expect_need<Plain>("the barrier between plain slices", PLAIN, blocks::F16, 600, 8);
}
