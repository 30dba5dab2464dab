// Packs a step as StepInputBuilder.java does.
#pragma once
#include <vector>

namespace testing {

// Tokens of one sequence, from position `first` on, with its blocks; sampled after the last one.
struct Part {
    int first;
    int count;
    std::vector<int> blocks;
};

// Words of a sample record.
constexpr int SAMPLE_WORDS = STEP_SAMPLE_WORDS;

inline std::vector<int> packed(const std::vector<Part> &parts) {
    std::vector<int> ids, positions, slots, rows, firsts, counts, lengths, starts, tables, samples;
    for (const Part &part : parts) {
        firsts.push_back(static_cast<int>(ids.size()));
        counts.push_back(part.count);
        lengths.push_back(part.first + part.count);
        starts.push_back(static_cast<int>(tables.size()));
        tables.insert(tables.end(), part.blocks.begin(), part.blocks.begin() + (part.first + part.count + 15) / 16);
        for (int position = part.first; position < part.first + part.count; position++) {
            ids.push_back(position % 300);
            positions.push_back(position);
            slots.push_back(part.blocks[position / 16] * 16 + position % 16);
            rows.push_back(static_cast<int>(firsts.size()) - 1);
        }
        samples.push_back(static_cast<int>(ids.size()) - 1);
        samples.insert(samples.end(), SAMPLE_WORDS - 1, 0);
    }
    starts.push_back(static_cast<int>(tables.size()));
    std::vector<int> words(STEP_HEADER_WORDS, 0);
    words[6] = static_cast<int>(ids.size());
    words[7] = static_cast<int>(parts.size());
    words[8] = static_cast<int>(tables.size());
    words[9] = static_cast<int>(parts.size());
    for (const auto *section : {&ids, &positions, &slots, &rows, &firsts, &counts, &lengths, &starts, &tables, &samples})
        words.insert(words.end(), section->begin(), section->end());
    words[1] = static_cast<int>(words.size());
    return words;
}
}  // namespace testing
