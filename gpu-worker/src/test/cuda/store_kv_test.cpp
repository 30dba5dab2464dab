#include "shim_test.h"
#include "plain_kv.h"
#include "step.cuh"
#include "packed_step.h"

using Store = void(const int *, const float *, const float *, char *, int, int);
extern "C" Store store_kv_f16, store_kv_q8_0, store_kv_f32;

namespace {

Store *store_of(testing::KvType type) {
    return type == testing::KV_F16 ? store_kv_f16 : type == testing::KV_Q8_0 ? store_kv_q8_0 : store_kv_f32;
}

// Every byte of the cache: what no token has stays as it was.
void check(testing::KvType type, int heads, int size, const std::vector<float> &odd) {
    const std::vector<testing::Part> parts = {{14, 5, {3, 1}}, {0, 1, {0}}, {31, 2, {0, 4, 2}}};
    const int rows = 8;
    const size_t width = static_cast<size_t>(heads) * size;
    std::vector<float> keys = testing::normal(rows * width), values = testing::normal(rows * width, 100);
    for (size_t i = 0; i < odd.size(); i++) keys[(7 * i + 3) % keys.size()] = odd[i];
    testing::PlainKv wanted(type, heads, size, 5);
    testing::Memory<char> cache(wanted.bytes.size());
    const std::vector<int> words = testing::packed(parts);
    for (int row = 0; row < rows; row++) {
        const int slot = words[12 + 2 * rows + row];
        for (int head = 0; head < heads; head++) {
            wanted.put(slot, head, 0, &keys[row * width + head * size]);
            wanted.put(slot, head, 1, &values[row * width + head * size]);
        }
    }
    testing::Memory<int> step(words);
    testing::Memory<float> from_keys(keys), from_values(values);
    testing::run(dim3(rows + 2, heads), dim3(64), 0, store_of(type), step.data(), from_keys.data(), from_values.data(),
                 cache.data(), heads, size);
    testing::same("cache", cache.values(), wanted.bytes);
}
}  // namespace

CASE(store_kv_of_any_size) {
    for (const testing::KvType type : testing::KV_TYPES)
        for (const int size : {1, 6, 20, 32, 33, 64, 80, 96, 128, 300}) check(type, 3, size, {});
}

CASE(store_kv_bears_any_value) {
    const std::vector<float> odd = {0.0f, -0.0f, 1e-7f, -6.103e-5f, 6.104e-5f, 65519.0f, 65520.0f, -1e9f, INFINITY,
                                    -INFINITY, 1e-42f, 3e38f};
    for (const testing::KvType type : testing::KV_TYPES)
        for (const int size : {2, 48}) check(type, 2, size, odd);
    check(testing::KV_Q8_0, 2, 48, {NAN, NAN, 1.0f, NAN});
}
