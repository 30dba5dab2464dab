#include "shim_test.h"
#include "step.cuh"
#include "packed_step.h"

extern "C" void take_rows(const int *, int *, int);
extern "C" void gather_rows(const int *, const int *, int *, int, int, const int *, int *, int);

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

// Of one buffer, or of another one too.
CASE(rows_that_are_sampled_are_gathered) {
    for (const int columns : {1, 65, 2048})
        for (const int others : {0, 7, 1030}) {
            std::vector<int> rows(TOKENS * columns), more(TOKENS * others), wanted, more_wanted;
            for (int &value : rows) value = testing::whole(-1000000000, 1000000000);
            for (int &value : more) value = testing::whole(-1000000000, 1000000000);
            for (const int token : {4, 5, 11}) {
                wanted.insert(wanted.end(), rows.begin() + token * columns, rows.begin() + (token + 1) * columns);
                more_wanted.insert(more_wanted.end(), more.begin() + token * others, more.begin() + (token + 1) * others);
            }
            testing::Memory<int> step(testing::packed(PARTS)), tokens(rows), samples(wanted.size()), other_tokens(more);
            testing::Memory<int> other_samples(more_wanted.size());
            const int blocks = (columns + 1023) / 1024;
            testing::run(dim3(8, blocks + (others + 1023) / 1024), dim3(256), 0, gather_rows, step.data(), tokens.data(),
                         samples.data(), columns, blocks, other_tokens.data(), other_samples.data(), others);
            testing::same("rows", samples.values(), wanted);
            testing::same("other rows", other_samples.values(), more_wanted);
        }
}
