#include "shim_test.h"
#include "step.cuh"
#include "packed_step.h"

extern "C" void take_rows(const int *, int *, int);
extern "C" void gather_rows(const int *, const int *, int *, int);

namespace {

const std::vector<testing::Part> PARTS = {{0, 5, {0}}, {3, 1, {1}}, {17, 6, {2, 3}}};
constexpr int TOKENS = 12;
}  // namespace

CASE(rows_behind_the_step_are_taken) {
    for (const int columns : {1, 65, 1024, 1025, 3000}) {
        std::vector<int> words = testing::packed(PARTS), rows(TOKENS * columns);
        for (int &value : rows) value = testing::whole(-1000000000, 1000000000);
        words.resize((words.size() + 63) / 64 * 64, 0);
        words.insert(words.end(), rows.begin(), rows.end());
        testing::Memory<int> step(words), target(rows.size());
        testing::run(dim3(TOKENS + 4, (columns + 1023) / 1024), dim3(256), 0, take_rows, step.data(), target.data(), columns);
        testing::same("rows", target.values(), rows);
    }
}

CASE(rows_that_are_sampled_are_gathered) {
    for (const int columns : {1, 65, 2048}) {
        std::vector<int> rows(TOKENS * columns), wanted;
        for (int &value : rows) value = testing::whole(-1000000000, 1000000000);
        for (const int token : {4, 5, 11}) wanted.insert(wanted.end(), &rows[token * columns], &rows[token * columns] + columns);
        testing::Memory<int> step(testing::packed(PARTS)), tokens(rows), samples(wanted.size());
        testing::run(dim3(8, (columns + 1023) / 1024), dim3(256), 0, gather_rows, step.data(), tokens.data(), samples.data(), columns);
        testing::same("rows", samples.values(), wanted);
    }
}
