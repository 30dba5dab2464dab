#include "matrices.h"

#define EMBEDDED(name)                                                                                          \
    extern "C" void embed_##name(const int *, const uint8_t *, const uint8_t *, const uint8_t *, const int *,  \
                                 float *, int, int);
EMBEDDED(f32) EMBEDDED(f16) EMBEDDED(bf16) EMBEDDED(q8_0) EMBEDDED(q4_0) EMBEDDED(q4_1) EMBEDDED(q5_0) EMBEDDED(q5_1)
EMBEDDED(q4_k) EMBEDDED(q5_k) EMBEDDED(q6_k)

namespace {

typedef void (*Embed)(const int *, const uint8_t *, const uint8_t *, const uint8_t *, const int *, float *, int, int);
const Embed EMBEDS[blocks::TYPES] = {embed_f32,  embed_f16,  embed_bf16, embed_q8_0, embed_q4_0, embed_q4_1,
                                     embed_q5_0, embed_q5_1, embed_q4_k, embed_q5_k, embed_q6_k};

void check(blocks::Type type, int rows, int columns) {
    matrices::Matrix table(type, rows, columns, 16);
    // The last one is where a sample left its id.
    std::vector<int> words = testing::step_header(4, 0);
    for (const int id : {rows - 1, 0, rows / 2, ~2}) words.push_back(id);
    testing::Memory<int> step(words), ids(std::vector<int>{-1, -1, rows / 3, -1});
    testing::Memory<float> target(4 * columns);
    testing::run(dim3(6, (columns + 1023) / 1024), dim3(256), 0, EMBEDS[type], step.data(), table.low.data(),
                 table.high.data(), table.scales.data(), ids.data(), target.data(), rows, columns);
    std::vector<float> expected;
    for (const int id : {rows - 1, 0, rows / 2, rows / 3})
        expected.insert(expected.end(), table.values.begin() + id * columns, table.values.begin() + (id + 1) * columns);
    testing::same(blocks::shape(type).name, target.values(), expected);
}
}  // namespace

CASE(embed_is_exact) {
    for (int type = 0; type < blocks::TYPES; type++)
        for (const int rows : {5, 50})
            for (const int columns : blocks::is_plain(static_cast<blocks::Type>(type)) ? std::vector<int>{1, 33, 1300}
                                     : blocks::is_k(static_cast<blocks::Type>(type))   ? std::vector<int>{256, 1280}
                                                                                       : std::vector<int>{32, 1056})
                check(static_cast<blocks::Type>(type), rows, columns);
}
