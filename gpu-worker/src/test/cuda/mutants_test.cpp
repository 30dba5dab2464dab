// Whether the shim sees what it is there for: a kernel that is right, and the same one with one thing wrong. Each wrong
// one has to fail under one schedule at least.
#include "dialect.cuh"
#include "shim_test.h"

namespace {

enum Mutation {
    RIGHT,
    NO_BARRIER_BEFORE_READING,
    NO_BARRIER_BEFORE_WRITING,
    NO_COPY_WAIT,
    NO_COPY_WAIT_AT_THE_END,
    DIVERGENT_SHUFFLE,
    DIVERGENT_BARRIER,
    READS_BEYOND_THE_END,
    WRITES_BEYOND_THE_END,
    WRITES_BEYOND_SHARED,
    UNWRITTEN_SHARED,
    MISALIGNED_COPY,
};
constexpr int MUTATIONS = 12;

enum { WARPS = 2, DEPTH = 16, TILE_ROWS = 16, TILE_COLUMNS = 16, PITCH = 24 };

// c[16][16] = a[16][depth] f16 * b[16][depth]^T f16: two warps, 8 columns each, tiles of depth 16 copied one ahead.
template <Mutation mutation> void product(const half *a, const half *b, float *c, int depth) {
    SHARED_DYNAMIC(half, shared);
    half *const tiles[2] = {shared, shared + 2 * TILE_ROWS * PITCH};
    const int thread = threadIdx.x, lane = thread % 32, warp = thread / 32;
    const auto copy = [&](int k) {
        // 64 threads, 8 values each: 16 rows of a, then 16 of b.
        const int row = thread / 2 % TILE_ROWS, part = thread % 2 * 8;
        const half *const from = (thread < 32 ? a : b) + static_cast<size_t>(row) * depth + k * DEPTH + part;
        half *const to = tiles[k % 2] + (thread < 32 ? 0 : TILE_ROWS * PITCH) + row * PITCH + part;
        copy16_async(to + (mutation == MISALIGNED_COPY ? 1 : 0), from);
        copies_commit();
    };
    float sum[4] = {};
    const int tiles_of_depth = depth / DEPTH + (mutation == READS_BEYOND_THE_END ? 1 : 0);
    copy(0);
    for (int k = 0; k < tiles_of_depth; k++) {
        if (k + 1 < tiles_of_depth) {
            copy(k + 1);
            if (mutation != NO_COPY_WAIT) copies_wait<1>();
        } else if (mutation != NO_COPY_WAIT_AT_THE_END) {
            copies_wait<0>();
        }
        if (mutation != NO_BARRIER_BEFORE_READING && !(mutation == DIVERGENT_BARRIER && thread == 5)) __syncthreads();
        uint32_t left[4], right[4];
        load_matrices(left, tiles[k % 2] + lane % 16 * PITCH + lane / 16 * 8);
        load_matrices(right, tiles[k % 2] + TILE_ROWS * PITCH + (warp * 8 + lane % 8) * PITCH + lane / 8 % 2 * 8);
        multiply_f16(sum, left, right);
        if (mutation != NO_BARRIER_BEFORE_WRITING) __syncthreads();
    }
    copies_wait<0>();
    if (mutation == DIVERGENT_SHUFFLE && lane < 16) sum[0] += __shfl_xor_sync(FULL, 0.0f, 1);
    if (mutation == UNWRITTEN_SHARED) sum[1] += __half2float(tiles[0][DEPTH]) * 0.0f;
    if (mutation == WRITES_BEYOND_SHARED) shared[4 * TILE_ROWS * PITCH + thread] = __float2half(0.0f);
    for (int i = 0; i < 4; i++) {
        const int row = lane / 4 + 8 * (i / 2), column = warp * 8 + lane % 4 * 2 + i % 2;
        c[row * TILE_COLUMNS + column + (mutation == WRITES_BEYOND_THE_END ? 4 : 0)] = sum[i];
    }
}

typedef void (*Product)(const half *, const half *, float *, int);

// What went wrong, or an empty text.
std::string wrong(Product kernel, int depth) {
    std::vector<half> left, right;
    for (const float value : testing::normal(static_cast<size_t>(TILE_ROWS) * depth)) left.push_back(__float2half(value));
    for (const float value : testing::normal(static_cast<size_t>(TILE_COLUMNS) * depth)) right.push_back(__float2half(value));
    testing::Memory<half> a(left), b(right);
    testing::Memory<float> c(TILE_ROWS * TILE_COLUMNS);
    const std::string error = shim::launch(dim3(1), dim3(32 * WARPS), 4 * TILE_ROWS * PITCH * sizeof(half),
                                           [&] { kernel(a.data(), b.data(), c.data(), depth); });
    if (!error.empty()) return error;
    for (int row = 0; row < TILE_ROWS; row++)
        for (int column = 0; column < TILE_COLUMNS; column++) {
            double expected = 0;
            for (int k = 0; k < depth; k++)
                expected += static_cast<double>(__half2float(left[row * depth + k])) * __half2float(right[column * depth + k]);
            const float actual = c[static_cast<size_t>(row) * TILE_COLUMNS + column];
            if (!(std::fabs(actual - expected) < 1e-4)) return "a product of " + std::to_string(actual);
        }
    return "";
}

bool is_caught(Product kernel) {
    const int schedule = shim::state.schedule;
    bool caught = false;
    for (int other = 0; other < shim::SCHEDULES; other++) {
        shim::state.schedule = other;
        caught |= !wrong(kernel, 64).empty();
    }
    shim::state.schedule = schedule;
    return caught;
}

template <int mutation> void expect_caught() {
    if (!is_caught(product<static_cast<Mutation>(mutation)>))
        testing::failed("mutation " + std::to_string(mutation) + " is not caught");
    if constexpr (mutation + 1 < MUTATIONS) expect_caught<mutation + 1>();
}
}  // namespace

CASE(mutants_tensor_product_is_right) {
    for (const int depth : {16, 32, 64, 256}) {
        const std::string error = wrong(product<RIGHT>, depth);
        if (!error.empty()) testing::failed(error);
    }
}

CASE(mutants_are_caught) { expect_caught<RIGHT + 1>(); }

namespace {

// Of all 32 columns at once, or of their halves one after the other.
template <bool halves> void bytes_product(const uint32_t *a, const uint32_t *b, int *c) {
    const int lane = static_cast<int>(threadIdx.x), group = lane / 4, part = lane % 4;
    const uint32_t left[4] = {a[group * 8 + part], a[(group + 8) * 8 + part], a[group * 8 + 4 + part],
                              a[(group + 8) * 8 + 4 + part]};
    const uint2 right = {b[group * 8 + part], b[group * 8 + 4 + part]};
    int sum[4] = {1, 1, 1, 1};
    if (halves) {
        multiply_s8_half(sum, left, right.x);
        multiply_s8_half(sum, left + 2, right.y);
    } else {
        multiply_s8(sum, left, right, 1);
    }
    for (int i = 0; i < 4; i++) c[(group + 8 * (i / 2)) * 8 + 2 * part + i % 2] = sum[i];
}
}  // namespace

CASE(mutants_product_of_bytes_is_exact) {
    std::vector<int8_t> left(16 * 32), right(8 * 32);
    for (int8_t &value : left) value = static_cast<int8_t>(testing::whole(-128, 127));
    for (int8_t &value : right) value = static_cast<int8_t>(testing::whole(-128, 127));
    std::vector<int> expected(16 * 8, 1);
    for (int row = 0; row < 16; row++)
        for (int column = 0; column < 8; column++)
            for (int k = 0; k < 32; k++) expected[row * 8 + column] += left[row * 32 + k] * right[column * 32 + k];
    testing::Memory<int8_t> a(left), b(right);
    for (const auto product : {bytes_product<false>, bytes_product<true>}) {
        testing::Memory<int> c(16 * 8);
        testing::run(dim3(1), dim3(32), 0, product, reinterpret_cast<const uint32_t *>(a.data()),
                     reinterpret_cast<const uint32_t *>(b.data()), c.data());
        testing::same("product", c.values(), expected);
    }
}
