#include "shim_test.h"
#include "plain_kv.h"
#include "step.cuh"
#include "packed_step.h"

using MakeHeads = void(const int *, float *, const float *, int, float *, const float *, int, const float *, const float2 *, int,
                       int, float, char *, int);
extern "C" MakeHeads heads_f16, heads_q8_0, heads_f32;

namespace {

const std::vector<testing::Part> PARTS = {{14, 5, {3, 1}}, {0, 1, {0}}, {31, 2, {0, 4, 2}}};
constexpr int ROWS = 8, BLOCKS = 5;
constexpr float EPSILON = 1e-5f;

constexpr int NORM = 1, TURN = 2, STORE = 4;

struct Shape {
    testing::KvType type;
    int heads, kv_heads, size, pairs;
    bool halves;

    size_t count(int of) const { return static_cast<size_t>(ROWS) * of * size; }
};

// Heads of a step, and what they are made with.
struct Work {
    Shape shape;
    testing::Memory<int> step;
    testing::Memory<float> queries, keys, values, query_weight, key_weight;
    testing::Memory<float2> angles;
    testing::Memory<char> cache;

    explicit Work(const Shape &shape, const std::vector<float> &odd = {})
        : shape(shape), step(testing::packed(PARTS)), queries(testing::normal(shape.count(shape.heads))),
          keys(testing::normal(shape.count(shape.kv_heads))), values(testing::normal(shape.count(shape.kv_heads), 100)),
          query_weight(testing::normal(shape.size)), key_weight(testing::normal(shape.size)),
          angles(static_cast<size_t>(ROWS) * shape.pairs),
          cache(testing::PlainKv(shape.type, shape.kv_heads, shape.size, BLOCKS).bytes.size()) {
        for (int row = 0; row < ROWS; row++)
            for (int i = 0; i < shape.pairs; i++)
                angles[row * shape.pairs + i] = {std::cos(0.3f * row + i), std::sin(0.3f * row + i)};
        for (size_t i = 0; i < odd.size(); i++) keys[(7 * i + 3) % keys.size()] = odd[i];
    }
    Work(const Work &) = delete;

    void copy(Work &from) {
        for (size_t i = 0; i < queries.size(); i++) queries[i] = from.queries[i];
        for (size_t i = 0; i < keys.size(); i++) keys[i] = from.keys[i], values[i] = from.values[i];
        for (int i = 0; i < shape.size; i++) query_weight[i] = from.query_weight[i], key_weight[i] = from.key_weight[i];
    }

    void make(int what) {
        MakeHeads *kernel = shape.type == testing::KV_F16 ? heads_f16 : shape.type == testing::KV_Q8_0 ? heads_q8_0 : heads_f32;
        const int y = shape.heads + shape.kv_heads + (what & STORE ? shape.kv_heads : 0);
        testing::run(dim3(ROWS + 2, y), dim3(shape.size > 256 ? 256 : 32), 0, kernel, step.data(), queries.data(),
                     what & NORM ? query_weight.data() : nullptr, shape.heads, keys.data(),
                     what & NORM ? key_weight.data() : nullptr, shape.kv_heads, values.data(),
                     what & TURN ? angles.data() : nullptr, shape.pairs, shape.halves ? 1 : 0, EPSILON,
                     what & STORE ? cache.data() : nullptr, shape.size);
    }
};

std::vector<double> expected(const Work &work, const std::vector<float> &from, int heads, testing::Memory<float> &weight,
                             testing::Memory<float2> &angles, int what) {
    const Shape &shape = work.shape;
    std::vector<double> values(from.begin(), from.end());
    for (int row = 0; row < ROWS; row++)
        for (int at = 0; at < heads; at++) {
            double *head = &values[(static_cast<size_t>(row) * heads + at) * shape.size];
            double squares = 0;
            for (int i = 0; i < shape.size; i++) squares += head[i] * head[i];
            for (int i = 0; what & NORM && i < shape.size; i++)
                head[i] *= weight[i] / std::sqrt(squares / shape.size + static_cast<double>(EPSILON));
            for (int i = 0; what & TURN && i < shape.pairs; i++) {
                double &first = head[shape.halves ? i : 2 * i], &second = head[shape.halves ? i + shape.pairs : 2 * i + 1];
                const float2 turn = angles[row * shape.pairs + i];
                const double x = first, y = second;
                first = x * turn.x - y * turn.y;
                second = x * turn.y + y * turn.x;
            }
        }
    return values;
}

// Every byte of the cache: what no token has stays as it was.
void check_cache(Work &work) {
    const Shape &shape = work.shape;
    testing::PlainKv wanted(shape.type, shape.kv_heads, shape.size, BLOCKS);
    const size_t width = static_cast<size_t>(shape.kv_heads) * shape.size;
    for (int row = 0; row < ROWS; row++) {
        const int slot = work.step[12 + 2 * ROWS + row];
        for (int head = 0; head < shape.kv_heads; head++) {
            wanted.put(slot, head, 0, &work.keys[row * width + head * shape.size]);
            wanted.put(slot, head, 1, &work.values[row * width + head * shape.size]);
        }
    }
    testing::same("cache", work.cache.values(), wanted.bytes);
}

void check(const Shape &shape, int what) {
    Work work(shape);
    const std::vector<double> queries =
        expected(work, work.queries.values(), shape.heads, work.query_weight, work.angles, what);
    const std::vector<double> keys = expected(work, work.keys.values(), shape.kv_heads, work.key_weight, work.angles, what);
    work.make(what);
    testing::near("queries", work.queries.values(), queries, 1e-6);
    testing::near("keys", work.keys.values(), keys, 1e-6);
    if (what & STORE) check_cache(work);
}
}  // namespace

CASE(heads_are_normalised_turned_and_stored) {
    for (const int what : {NORM, TURN, STORE, NORM | TURN, TURN | STORE, NORM | TURN | STORE})
        for (const bool halves : {false, true}) {
            check({testing::KV_F16, 3, 1, 6, 3, halves}, what);
            check({testing::KV_Q8_0, 2, 2, 20, 7, halves}, what);
            check({testing::KV_F16, 4, 2, 128, 64, halves}, what);
            check({testing::KV_F32, 2, 1, 300, 150, halves}, what);
        }
}

CASE(heads_at_once_have_the_bits_of_one_after_the_other) {
    for (const testing::KvType type : testing::KV_TYPES)
        for (const int size : {64, 80, 320}) {
            Work once({type, 4, 2, size, size / 2, true}), apart({type, 4, 2, size, size / 2, true});
            apart.copy(once);
            once.make(NORM | TURN | STORE);
            for (const int what : {NORM, TURN, STORE}) apart.make(what);
            testing::same("queries", once.queries.values(), apart.queries.values());
            testing::same("keys", once.keys.values(), apart.keys.values());
            testing::same("cache", once.cache.values(), apart.cache.values());
        }
}

CASE(heads_of_any_size_are_stored) {
    for (const testing::KvType type : testing::KV_TYPES)
        for (const int size : {1, 6, 20, 32, 33, 64, 80, 96, 128, 300, 1024}) check({type, 0, 3, size, 0, false}, STORE);
}

CASE(heads_of_any_value_are_stored) {
    const std::vector<float> odd = {0.0f, -0.0f, 1e-7f, -6.103e-5f, 6.104e-5f, 65519.0f, 65520.0f, -1e9f, INFINITY,
                                    -INFINITY, 1e-42f, 3e38f};
    for (const testing::KvType type : testing::KV_TYPES)
        for (const int size : {2, 48}) {
            Work work({type, 0, 2, size, 0, false}, odd);
            work.make(STORE);
            check_cache(work);
        }
    Work work({testing::KV_Q8_0, 0, 2, 48, 0, false}, {NAN, NAN, 1.0f, NAN});
    work.make(STORE);
    check_cache(work);
}
