#include "shim_test.h"

extern "C" void read_memory(const uint4 *, unsigned long long, uint32_t *);
extern "C" void do_nothing(int *);

namespace {

// Every word counts once, whatever the grid.
void check(int blocks, size_t count) {
    std::vector<uint4> words(count);
    uint32_t wanted = 0;
    for (uint4 &word : words) {
        word = make_uint4(testing::generator()(), testing::generator()(), testing::generator()(), testing::generator()());
        wanted += word.x + word.y + word.z + word.w;
    }
    testing::Memory<uint4> from(words);
    testing::Memory<uint32_t> sums(static_cast<size_t>(blocks) * 256);
    testing::run(dim3(blocks), dim3(256), 0, read_memory, from.data(), static_cast<unsigned long long>(count), sums.data());
    uint32_t found = 0;
    for (const uint32_t sum : sums.values()) found += sum;
    testing::same("sum", std::vector<uint32_t>{found}, std::vector<uint32_t>{wanted});
}
}  // namespace

CASE(measure_reads_memory_whole_and_once) {
    for (const int blocks : {1, 3})
        for (const size_t count : {0, 1, 255, 256, 257, 2048, 2049, 6144, 20000}) check(blocks, count);
}

CASE(measure_launches_nothing) { testing::run(dim3(2), dim3(32), 0, do_nothing, static_cast<int *>(nullptr)); }
