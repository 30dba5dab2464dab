// Rows of 8 bits as rounding.cuh has them, by plain loops, and room for what kernels round.
#pragma once
#include "shim_test.h"

namespace testing {

struct Rounded {
    Memory<int8_t> quants;
    Memory<float> scales;
    Memory<int> sums;

    Rounded(int rows, int columns)
        : quants(static_cast<size_t>(rows) * columns), scales(static_cast<size_t>(rows) * columns / 32),
          sums(static_cast<size_t>(rows) * columns / 32) {}
};

// Arguments of a kernel that rounds, for a form that is wanted or not.
#define ROUNDED_INTO(wanted, rounded)                                                              \
    (wanted) ? (rounded).quants.data() : nullptr, (wanted) ? (rounded).scales.data() : nullptr, \
        (wanted) ? (rounded).sums.data() : nullptr

inline int place_of(int column) { return column / 32 * 32 + column % 16 / 4 * 8 + column % 32 / 16 * 4 + column % 4; }

// What rounding makes of a row: a column's quant and the scale of its block, as QuantizeTask.java says it.
inline void check_rounded(const char *what, const std::vector<float> &rows, int columns, int block_columns, Rounded &rounded) {
    for (size_t row = 0; row < rows.size() / columns; row++) {
        for (int start = 0; start < columns; start += block_columns) {
            const float *from = &rows[row * columns + start];
            float largest = 0;
            for (int i = 0; i < block_columns; i++) largest = std::max(largest, std::fabs(from[i]));
            const float scale = largest / 127, inverse = scale < 0x1p-126f ? 0 : 1 / scale;
            for (int i = 0; i < block_columns; i++) {
                const size_t at = row * columns + place_of(start + i);
                if (rounded.quants[at] != static_cast<int>(std::nearbyint(from[i] * inverse)))
                    return failed(std::string(what) + ": another quant");
                if (memcmp(&rounded.scales[at / 32], &scale, 4) != 0) return failed(std::string(what) + ": another scale");
            }
        }
        for (int unit = 0; unit < columns / 32; unit++) {
            const size_t at = row * columns / 32 + unit;
            int sum = 0;
            for (int i = 0; i < 32; i++) sum += rounded.quants[at * 32 + i];
            if (rounded.sums[at] != sum) return failed(std::string(what) + ": another sum");
        }
    }
}

// Both forms, one of them or none.
constexpr bool FORMS[][2] = {{true, false}, {false, true}, {true, true}, {false, false}};
}  // namespace testing
