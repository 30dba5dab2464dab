#include "shim_test.h"
#include "plain_kv.h"
#include "plain_rounding.h"
#include "step.cuh"
#include "packed_step.h"

using Attend = void(const int *, const float *, const char *, float *, float *, int, int, int, int);
extern "C" Attend attend_f16, attend_q8_0, attend_f32, attend_wide_f16, attend_wide_q8_0, attend_wide_f32;
extern "C" void attend_merge(const int *, const float *, float *, int, int, int, int8_t *, float *, int *, int8_t *, float *,
                             int *);

namespace {

constexpr int SPAN_POSITIONS = 256;

struct Heads {
    int query, kv, size;
};

// Tokens of a sequence that are computed together.
struct Asked {
    int sequence, first, count;
};

// Sequences with their keys, values and queries; blocks are dealt out in turn, from the last one on.
struct Scene {
    Heads heads;
    testing::PlainKv cache;
    std::vector<std::vector<int>> tables;
    std::vector<std::vector<float>> queries;

    Scene(testing::KvType type, Heads heads, const std::vector<int> &lengths)
        : heads(heads), cache(type, heads.kv, heads.size, blocks_of(lengths)) {
        int next = blocks_of(lengths);
        tables.resize(lengths.size());
        for (int block = 0; next > 0; block++)
            for (size_t s = 0; s < lengths.size(); s++)
                if (block * 16 < lengths[s]) tables[s].push_back(--next);
        for (size_t s = 0; s < lengths.size(); s++) {
            queries.push_back(testing::normal(static_cast<size_t>(lengths[s]) * heads.query * heads.size));
            for (int position = 0; position < lengths[s]; position++)
                for (int head = 0; head < heads.kv; head++)
                    for (int which = 0; which < 2; which++)
                        cache.put(slot(s, position), head, which, testing::normal(heads.size).data());
        }
    }

    static int blocks_of(const std::vector<int> &lengths) {
        int blocks = 0;
        for (const int length : lengths) blocks += (length + 15) / 16;
        return blocks;
    }

    int slot(size_t sequence, int position) const { return tables[sequence][position / 16] * 16 + position % 16; }

    size_t width() const { return static_cast<size_t>(heads.query) * heads.size; }

    std::vector<float> query(int sequence, int position) const {
        const float *from = &queries[sequence][position * width()];
        return std::vector<float>(from, from + width());
    }

    std::vector<double> expected(int sequence, int position) const {
        std::vector<double> result(width());
        for (int head = 0; head < heads.query; head++) {
            const int kv_head = head / (heads.query / heads.kv);
            const float *query = &queries[sequence][position * width() + head * heads.size];
            std::vector<double> scores(position + 1);
            double highest = -INFINITY, total = 0;
            for (int p = 0; p <= position; p++) {
                for (int i = 0; i < heads.size; i++)
                    scores[p] += static_cast<double>(query[i]) * cache.get(slot(sequence, p), kv_head, 0, i);
                scores[p] /= std::sqrt(heads.size);
                highest = std::max(highest, scores[p]);
            }
            for (int p = 0; p <= position; p++) {
                const double weight = std::exp(scores[p] - highest);
                total += weight;
                for (int i = 0; i < heads.size; i++)
                    result[head * heads.size + i] += weight * cache.get(slot(sequence, p), kv_head, 1, i);
            }
            for (int i = 0; i < heads.size; i++) result[head * heads.size + i] /= total;
        }
        return result;
    }

    Attend *kernel() const {
        const bool wide = heads.size > 256;
        switch (cache.type) {
            case testing::KV_F16: return wide ? attend_wide_f16 : attend_f16;
            case testing::KV_Q8_0: return wide ? attend_wide_q8_0 : attend_q8_0;
            default: return wide ? attend_wide_f32 : attend_f32;
        }
    }

    // What these tokens attend to, in place of the queries, one row after another.
    std::vector<float> attend(const std::vector<Asked> &asked, bool split, int spare_rows = 0) const {
        std::vector<testing::Part> parts;
        std::vector<float> rows;
        int longest = 0;
        for (const Asked &each : asked) {
            parts.push_back({each.first, each.count, tables[each.sequence]});
            longest = std::max(longest, each.first + each.count);
            for (int i = 0; i < each.count; i++) {
                const std::vector<float> row = query(each.sequence, each.first + i);
                rows.insert(rows.end(), row.begin(), row.end());
            }
        }
        const int row_count = static_cast<int>(rows.size() / width());
        const int spans = (longest + SPAN_POSITIONS - 1) / SPAN_POSITIONS;
        const int splits = split ? spans + 1 : 1;
        const int rows_of_block = heads.size > 256 ? 2 : 8, shared = heads.query / heads.kv;
        const dim3 grid(splits, heads.kv * ((shared + rows_of_block - 1) / rows_of_block), row_count + spare_rows);
        testing::Memory<int> step(testing::packed(parts));
        testing::Memory<float> values(rows);
        testing::Memory<float> partials(split ? static_cast<size_t>(row_count) * splits * heads.query * (heads.size + 2) : 0);
        testing::Memory<char> layer(cache.bytes);
        testing::run(grid, dim3(128), 0, kernel(), step.data(), values.data(), layer.data(), partials.data(), values.data(),
                     heads.query, heads.kv, heads.size, splits);
        if (split) {
            testing::same("queries", values.values(), rows);
            const bool units = width() % 32 == 0, superblocks = width() % 256 == 0;
            testing::Rounded in_units(row_count, width()), in_superblocks(row_count, width());
            testing::run(dim3((width() + 255) / 256, row_count + spare_rows), dim3(256), 0, attend_merge, step.data(),
                         partials.data(), values.data(), heads.query, heads.size, splits, ROUNDED_INTO(units, in_units),
                         ROUNDED_INTO(superblocks, in_superblocks));
            if (units) testing::check_rounded("attention", values.values(), width(), 32, in_units);
            if (superblocks) testing::check_rounded("attention", values.values(), width(), 256, in_superblocks);
        }
        return values.values();
    }
};

std::vector<float> joined(std::vector<float> rows, const std::vector<float> &more) {
    rows.insert(rows.end(), more.begin(), more.end());
    return rows;
}

// Sequences whose lengths are at the edges of blocks and spans, with one token or a few.
void check_shape(testing::KvType type, Heads heads) {
    const Scene scene(type, heads, {1, 16, 17, 60, 255, 256, 257, 600});
    const std::vector<Asked> asked = {{0, 0, 1}, {1, 14, 2}, {2, 16, 1}, {3, 0, 3}, {4, 254, 1}, {5, 255, 1}, {6, 253, 4}, {7, 599, 1}};
    std::vector<double> wanted;
    for (const Asked &each : asked)
        for (int i = 0; i < each.count; i++) {
            const std::vector<double> row = scene.expected(each.sequence, each.first + i);
            wanted.insert(wanted.end(), row.begin(), row.end());
        }
    const std::vector<float> found = scene.attend(asked, false, 2);
    testing::near("attention", found, wanted, 3e-6);
    testing::same("attention in splits", scene.attend(asked, true, 1), found);
}
}  // namespace

CASE(attention_of_usual_heads) {
    for (const testing::KvType type : testing::KV_TYPES)
        for (const Heads heads : {Heads{8, 2, 64}, Heads{4, 1, 128}, Heads{2, 2, 256}}) check_shape(type, heads);
}

CASE(attention_of_odd_heads) {
    for (const testing::KvType type : testing::KV_TYPES)
        for (const Heads heads :
             {Heads{1, 1, 8}, Heads{3, 3, 6}, Heads{20, 1, 20}, Heads{5, 1, 33}, Heads{3, 1, 80}, Heads{7, 1, 96}})
            check_shape(type, heads);
}

CASE(attention_of_wide_heads) {
    for (const testing::KvType type : testing::KV_TYPES)
        for (const Heads heads : {Heads{1, 1, 1024}, Heads{3, 1, 258}}) check_shape(type, heads);
}

// In any chunk, beside any others, split or not, the bits are those of each token alone.
CASE(attention_does_not_depend_on_neighbours) {
    for (const testing::KvType type : testing::KV_TYPES)
        for (const Heads heads : {Heads{2, 2, 20}, Heads{3, 1, 64}}) {
            const Scene scene(type, heads, {530, 40});
            for (const int first : {0, 240, 500}) {
                std::vector<float> alone;
                for (int i = 0; i < 30; i++) alone = joined(alone, scene.attend({{0, first + i, 1}}, false));
                testing::same("a chunk", scene.attend({{0, first, 30}}, false), alone);
                testing::same("a chunk in splits", scene.attend({{0, first, 30}}, true), alone);
                const std::vector<float> beside = scene.attend({{1, 33, 5}, {0, first, 30}, {1, 2, 1}}, true);
                const auto begin = beside.begin() + 5 * scene.width();
                testing::same("a chunk beside others", std::vector<float>(begin, begin + alone.size()), alone);
                const std::vector<float> parts = joined(
                    joined(scene.attend({{0, first, 7}}, true), scene.attend({{0, first + 7, 1}, {1, 39, 1}}, false)),
                    scene.attend({{0, first + 8, 22}}, false));
                const std::vector<float> second(parts.begin(), parts.begin() + 8 * scene.width());
                testing::same("parts of a chunk", second, std::vector<float>(alone.begin(), alone.begin() + second.size()));
            }
        }
}

// What is not finite reaches the tokens that see it, and no others.
CASE(attention_does_not_look_ahead) {
    Scene scene(testing::KV_F32, {2, 1, 40}, {300});
    std::vector<float> values(40, INFINITY);
    const std::vector<float> before = scene.attend({{0, 250, 20}}, false);
    scene.cache.put(scene.slot(0, 260), 0, 1, values.data());
    values.assign(40, NAN);
    scene.cache.put(scene.slot(0, 261), 0, 0, values.data());
    for (const bool split : {false, true}) {
        const std::vector<float> after = scene.attend({{0, 250, 20}}, split);
        const size_t seen = 10 * scene.width();
        testing::same("before", std::vector<float>(after.begin(), after.begin() + seen),
                      std::vector<float>(before.begin(), before.begin() + seen));
        for (size_t i = seen; i < after.size(); i++)
            if (std::isfinite(after[i])) return testing::failed("what is not finite is lost");
    }
}

CASE(attention_bears_large_scores) {
    Scene scene(testing::KV_F32, {1, 1, 16}, {520});
    for (float &value : scene.queries[0]) value *= 1000;
    std::vector<double> wanted = scene.expected(0, 519);
    testing::near("attention", scene.attend({{0, 519, 1}}, false), wanted, 1e-4);
    testing::near("attention", scene.attend({{0, 519, 1}}, true), wanted, 1e-4);
}
