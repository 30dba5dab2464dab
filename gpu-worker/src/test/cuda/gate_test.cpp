#include "plain_rounding.h"

extern "C" void gate(const int *, int, float *, const float *, int, int8_t *, float *, int *, int8_t *, float *, int *);

CASE(gate_is_gate_times_sigmoid_times_up) {
    for (const int columns : {1, 100, 1025, 2100}) {
        const int rows = 2;
        std::vector<float> gates = testing::normal(rows * columns, 3.0f), ups = testing::normal(rows * columns);
        if (columns > 4) {
            gates[1] = NAN;
            gates[2] = 1000.0f;
            gates[3] = -1000.0f;
            ups[4] = INFINITY;
        }
        std::vector<double> expected;
        for (int i = 0; i < rows * columns; i++)
            expected.push_back(gates[i] / (1 + std::exp(-std::max(-100.0, static_cast<double>(gates[i])))) * ups[i]);
        if (columns > 4) expected[1] = NAN;
        testing::Memory<int> step(testing::step_header(rows, 0));
        testing::Memory<float> left(gates), right(ups);
        testing::run(dim3(rows + 1, (columns + 1023) / 1024), dim3(128), 0, gate, step.data(), 0, left.data(), right.data(),
                     columns, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr);
        testing::near("gated", left.values(), expected, 1e-6);
    }
}

CASE(gate_is_rounded_as_what_it_leaves_without) {
    for (const int columns : {32, 768, 1280})
        for (const auto &forms : testing::FORMS) {
            const int rows = 2;
            const std::vector<float> gates = testing::normal(rows * columns, 3.0f), ups = testing::normal(rows * columns);
            testing::Memory<int> step(testing::step_header(rows, 0));
            testing::Memory<float> left(gates), right(ups), plain(gates);
            testing::Rounded blocks(rows, columns), superblocks(rows, columns);
            const bool whole = forms[1] && columns % 256 == 0;
            const dim3 grid(rows + 1, (columns + 1023) / 1024);
            testing::run(grid, dim3(128), 0, gate, step.data(), 0, plain.data(), right.data(), columns,
                         ROUNDED_INTO(false, blocks), ROUNDED_INTO(false, superblocks));
            testing::run(grid, dim3(128), 0, gate, step.data(), 0, left.data(), right.data(), columns,
                         ROUNDED_INTO(forms[0], blocks), ROUNDED_INTO(whole, superblocks));
            if (forms[0]) testing::check_rounded("blocks", plain.values(), columns, 32, blocks);
            if (whole) testing::check_rounded("superblocks", plain.values(), columns, 256, superblocks);
        }
}
