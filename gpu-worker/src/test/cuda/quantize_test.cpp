#include "plain_rounding.h"

extern "C" void quantize(const int *, int, const float *, int, int8_t *, float *, int *, int8_t *, float *, int *);

namespace {

void check(std::vector<float> values, int columns) {
    const int rows = static_cast<int>(values.size()) / columns;
    testing::Memory<int> step(testing::step_header(0, rows));
    testing::Memory<float> source(values);
    for (const auto &forms : testing::FORMS) {
        testing::Rounded blocks(rows, columns), superblocks(rows, columns);
        const bool whole = forms[1] && columns % 256 == 0;
        testing::run(dim3(rows + 2, (columns + 1023) / 1024), dim3(128), 0, quantize, step.data(), 1, source.data(), columns,
                     ROUNDED_INTO(forms[0], blocks), ROUNDED_INTO(whole, superblocks));
        if (forms[0]) testing::check_rounded("blocks", values, columns, 32, blocks);
        if (whole) testing::check_rounded("superblocks", values, columns, 256, superblocks);
    }
}
}  // namespace

CASE(quantize_rounds_as_the_processor_does) {
    for (const int columns : {32, 96, 256, 544, 1280, 2304}) {
        std::vector<float> values = testing::normal(2 * columns);
        // Halves, which go to the even one, then a block of nothing and one too small for a scale.
        for (int i = 0; i < 32; i++) values[i] = i == 0 ? 127.0f : i + 0.5f;
        for (int i = 32; i < std::min(64, columns); i++) values[i] = 0.0f;
        for (int i = 64; i < std::min(96, columns); i++) values[i] = 1e-38f;
        check(values, columns);
    }
}
