// Asynchronous copies, ldmatrix and mma, from the fragment layouts in PTX's manual.
#pragma once
#include "shim_warp.h"

namespace shim {
// A copy can arrive at any time until it is waited for.
inline bool copies_at_once() {
    return state.schedule == DESCENDING || (state.schedule == SHUFFLED && random_bits() % 2);
}
}  // namespace shim

namespace shim {
inline void copy_async(void *to, const void *from, unsigned bytes) {
    if ((reinterpret_cast<uintptr_t>(to) | reinterpret_cast<uintptr_t>(from)) % bytes) fail("an asynchronous copy not aligned to %u bytes", bytes);
    if (copies_at_once())
        memcpy(to, from, bytes);
    else
        state.current->copies.push_back({to, from, bytes, state.current->groups});
}
}  // namespace shim

inline void copy16_async(void *to, const void *from) { shim::copy_async(to, from, 16); }
inline void copy4_async(void *to, const void *from) { shim::copy_async(to, from, 4); }

inline void copies_commit() { shim::state.current->groups++; }

template <int pending> inline void copies_wait() {
    shim::Fiber &fiber = *shim::state.current;
    size_t kept = 0;
    for (const shim::Copy &copy : fiber.copies)
        if (copy.group < fiber.groups - pending)
            memcpy(copy.to, copy.from, copy.bytes);
        else
            fiber.copies[kept++] = copy;
    fiber.copies.resize(kept);
}

inline void load_matrices(uint32_t to[4], const void *row) {
    if (reinterpret_cast<uintptr_t>(row) % 16) shim::fail("a row of a matrix not aligned to 16 bytes");
    const auto lanes = shim::meet(row, shim::TENSOR);
    const int lane = shim::lane();
    const char *rows[4];
    for (int m = 0; m < 4; m++) rows[m] = shim::value_of<const char *>(lanes, m * 8 + lane / 4);
    for (int m = 0; m < 4; m++) memcpy(&to[m], rows[m] + lane % 4 * 4, 4);
}

namespace shim {
struct Fragments {
    uint32_t a[4], b[2];
};

inline float half_of(uint32_t word, int i) { return __half2float(__ushort_as_half(static_cast<uint16_t>(word >> 16 * i))); }
inline int byte_of(uint32_t word, int i) { return static_cast<int8_t>(word >> 8 * i); }

// c[16][8] += a[16][k] * b[k][8] with `each` elements of a and b in a word, and `words` words of b.
template <int each, int words, class Sum, class Element>
inline void multiply(Sum c[4], const uint32_t *a, const uint32_t *b, Element element) {
    Fragments mine = {};
    memcpy(mine.a, a, 2 * words * sizeof *a);
    memcpy(mine.b, b, words * sizeof *b);
    const auto lanes = meet(mine, TENSOR);
    Fragments all[32];
    for (int i = 0; i < 32; i++) all[i] = value_of<Fragments>(lanes, i);
    const int group = lane() / 4, in_group = lane() % 4, word_k = 4 * each;
    for (int i = 0; i < 4; i++) {
        const int row = group + 8 * (i / 2), column = 2 * in_group + i % 2;
        Sum sum = c[i];
        for (int k = 0; k < words * word_k; k++) {
            const uint32_t left = all[row % 8 * 4 + k % word_k / each].a[row / 8 + 2 * (k / word_k)];
            const uint32_t right = all[column * 4 + k % word_k / each].b[k / word_k];
            sum += element(left, k % each) * element(right, k % each);
        }
        c[i] = sum;
    }
}
}  // namespace shim

inline void multiply_f16(float sum[4], const uint32_t a[4], const uint32_t b[2]) { shim::multiply<2, 2>(sum, a, b, shim::half_of); }
inline void multiply_s8(int sum[4], const uint32_t a[4], const uint2 &b, int start) {
    const uint32_t words[2] = {b.x, b.y};
    for (int i = 0; i < 4; i++) sum[i] = start;
    shim::multiply<4, 2>(sum, a, words, shim::byte_of);
}
inline void multiply_s8_half(int sum[4], const uint32_t a[2], uint32_t b) { shim::multiply<4, 1>(sum, a, &b, shim::byte_of); }
