// The sampling kernels against a plain sampler that sorts, on fixed seeds: every option, alone and together.
#include "shim_test.h"
#include "philox.cuh"
#include "sample.cuh"
#include <algorithm>
#include <array>

extern "C" void sample(const int *, const float *, float *, int *, Choice *, int);

namespace {

struct Options {
    float temperature = 0, top_p = 1;
    int top_k = 0;
    float min_p = 0;
    uint64_t seed = 0;
    float presence = 0, frequency = 0, repeat = 1;
    int top_logprobs = -1;
    std::vector<std::array<int, 3>> penalties; // id, generated, within the window
    std::vector<std::pair<int, float>> biases;
    int unknown = -1; // the id of the sequence's last token, where only the device knows it
};

int bits(float value) {
    int result;
    memcpy(&result, &value, 4);
    return result;
}

// A step with a sequence of one token for each sample, as StepInput packs it.
std::vector<int> pack(const std::vector<Options> &samples, int position) {
    int n = samples.size();
    std::vector<int> words = {0x4d520003, 0, 0, 0, 0, 0, n, n, n, n, 0, 0}, extra;
    for (int i = 0; i < n; i++) words.push_back(samples[i].unknown < 0 ? 1 : ~i);
    words.resize(12 + 4 * n + 4 * n + 1 + n);
    for (int i = 0; i < n; i++) {
        const Options &o = samples[i];
        int penalties = extra.size();
        for (auto &p : o.penalties) extra.insert(extra.end(), {p[0], p[1] << 1 | p[2]});
        int biases = extra.size();
        for (auto &b : o.biases) extra.insert(extra.end(), {b.first, bits(b.second)});
        words.insert(words.end(), {i, i, 0, position, bits(o.temperature), bits(o.top_p), o.top_k, bits(o.min_p), (int)o.seed,
                               (int)(o.seed >> 32), bits(o.presence), bits(o.frequency), bits(o.repeat), o.top_logprobs,
                               penalties, (int)o.penalties.size(), biases, (int)o.biases.size(), i});
    }
    words.insert(words.end(), extra.begin(), extra.end());
    words[1] = words.size();
    return words;
}

double log_sum(const std::vector<float> &logits) {
    float highest = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (float logit : logits) sum += logit - highest >= -30 ? exp((double)(logit - highest)) : 0;
    return highest + log(sum);
}

int plain_choice(std::vector<float> logits, Options o, int position) {
    if (o.unknown >= 0) {
        auto at = std::find_if(o.penalties.begin(), o.penalties.end(), [&](auto &p) { return p[0] == o.unknown; });
        if (at == o.penalties.end()) at = o.penalties.insert(at, {o.unknown, 0, 0});
        (*at)[1]++;
        (*at)[2] = 1;
    }
    for (auto &p : o.penalties) {
        float &logit = logits[p[0]];
        if (p[2]) logit = logit > 0 ? logit / o.repeat : logit * o.repeat;
        if (p[1] > 0) logit -= o.presence + p[1] * o.frequency;
    }
    for (auto &b : o.biases) logits[b.first] += b.second;
    int best = 0;
    float highest = -INFINITY;
    for (size_t id = 0; id < logits.size(); id++)
        if (logits[id] > highest) highest = logits[best = id];
    if (!(o.temperature > 0)) return best;
    std::vector<std::pair<float, int>> left; // falling exponents, then ids
    for (size_t id = 0; id < logits.size(); id++) {
        float exponent = (logits[id] - logits[best]) / o.temperature;
        if (exponent >= -30) left.push_back({-exponent, (int)id});
    }
    if (left.empty()) return best;
    bool by_id = (o.top_k <= 0 || o.top_k >= (int)left.size()) && !(o.top_p < 1);
    if (!by_id) {
        std::sort(left.begin(), left.end());
        if (o.top_k > 0 && o.top_k < (int)left.size()) left.resize(o.top_k);
        double total = 0, before = 0;
        for (auto &c : left) total += exp((double)-c.first);
        size_t kept = 0;
        while (kept < left.size() && (kept == 0 || o.top_p >= 1 || before < o.top_p * total)) before += exp((double)-left[kept++].first);
        left.resize(kept);
    }
    double kept = 0;
    for (auto &c : left) kept += exp((double)-c.first) >= o.min_p ? exp((double)-c.first) : 0;
    double rest = (random_bits((uint32_t)o.seed, (uint32_t)(o.seed >> 32), position) >> 11) * 0x1p-53 * kept;
    int last = best;
    for (auto &c : left) {
        double weight = exp((double)-c.first);
        if (weight < o.min_p) continue;
        last = c.second;
        if ((rest -= weight) < 0) break;
    }
    return last;
}

void require(bool holds, const char *what, int which) {
    if (!holds) {
        testing::failed("sample " + std::to_string(which) + ": " + what);
    }
}

void compare(const std::vector<std::vector<float>> &rows, const std::vector<Options> &samples, int position, int threads) {
    int n = rows.size(), vocabulary = rows[0].size();
    std::vector<float> values;
    for (auto &row : rows) values.insert(values.end(), row.begin(), row.end());
    testing::Memory<int> step(pack(samples, position)), ids(n);
    testing::Memory<float> logits(values), adjusted(values.size());
    testing::Memory<Choice> result(n * (1 + LISTED_TOKENS));
    for (int i = 0; i < n; i++) ids[i] = samples[i].unknown;
    const dim3 grid(n + 1), block(threads);  // one more than there are
    testing::run(grid, block, 0, sample, step.data(), logits.data(), adjusted.data(), ids.data(), result.data(), vocabulary);
    testing::same("logits", logits.values(), values);
    for (int i = 0; i < n; i++) {
        int wanted = plain_choice(rows[i], samples[i], position);
        require(result[i].id == wanted, "another id than the plain sampler's", i);
        require(ids[i] == wanted, "another id in the table", i);
        if (samples[i].top_logprobs < 0) {
            require(result[i].logprob != result[i].logprob, "a log probability that nobody asked for", i);
            continue;
        }
        double sum = log_sum(rows[i]);
        require(std::abs(result[i].logprob - (rows[i][wanted] - sum)) < 1e-5, "another log probability", i);
        std::vector<std::pair<float, int>> order;
        for (int id = 0; id < vocabulary; id++) order.push_back({-rows[i][id], id});
        std::sort(order.begin(), order.end());
        Choice *list = result.data() + n + (size_t)LISTED_TOKENS * i;
        for (int rank = 0; rank < std::min(samples[i].top_logprobs, vocabulary); rank++) {
            require(list[rank].id == order[rank].second, "another listed token", i);
            require(std::abs(list[rank].logprob - (-order[rank].first - sum)) < 1e-5, "another listed log probability", i);
        }
    }
}
}  // namespace

CASE(sampling_as_by_sorting) {
    std::mt19937 &random = testing::generator();
    std::normal_distribution<float> normal;
    auto logits = [&](int vocabulary, float spread, bool coarse) {
        std::vector<float> row(vocabulary);
        for (float &logit : row) logit = coarse ? rintf(normal(random) * spread * 2) / 2 : normal(random) * spread;
        return row;
    };
    const float cuts[][4] = {{1, 1, 0, 0}, {0.7f, 1, 0, 0}, {1, 1, 3, 0}, {1, 0.5f, 0, 0}, {1.3f, 0.9f, 0, 0}, {1, 1, 0, 0.2f},
                           {1, 0.95f, 40, 0.05f}, {2, 0.6f, 5, 0}, {1, 1e-6f, 0, 0}, {1, 1, 1, 0}, {1, 1, 0, 1}, {0.05f, 0.99f, 60, 0}, {0, 1, 0, 0}, {100, 0.999f, 0, 0}};
    uint64_t seed = 1;
    for (int vocabulary : {1, 2, 31, 257, 3000}) {
        for (int threads : {64, 1024}) {
            std::vector<std::vector<float>> rows;
            std::vector<Options> samples;
            for (auto &cut : cuts) {
                Options o;
                o.temperature = cut[0], o.top_p = cut[1], o.top_k = (int)cut[2], o.min_p = cut[3], o.seed = 0x9876543200000000ull + seed++;
                o.top_logprobs = seed % 3 ? -1 : seed % 21;
                rows.push_back(logits(vocabulary, 1 + seed % 4, seed % 2));
                if (seed % 4 == 0) {
                    o.presence = 0.5f, o.frequency = 0.25f, o.repeat = 1.25f;
                    for (int id = 0; id < std::min(vocabulary, 40); id++) o.penalties.push_back({id, (int)(random() % 3), (int)(random() % 2)});
                    o.unknown = seed % 8 ? -1 : random() % vocabulary;
                }
                if (seed % 5 == 0)
                    for (int i = 0; i < 30; i++) o.biases.push_back({(int)(random() % vocabulary), normal(random)});
                samples.push_back(o);
            }
            compare(rows, samples, 1 + seed % 1000, threads);
        }
    }
}

CASE(sampling_from_what_is_not_finite) {
    Options drawn;
    drawn.temperature = 1;
    drawn.top_p = 0.9f;
    const float edges[][4] = {{-INFINITY, -INFINITY, -INFINITY, -INFINITY}, {NAN, NAN, NAN, NAN}, {1, INFINITY, 0, INFINITY},
                            {NAN, 1, NAN, -INFINITY}, {-0.f, 0.f, -0.f, 0.f}, {-INFINITY, 3, 3, 3}};
    for (auto &edge : edges) {
        std::vector<float> row(edge, edge + 4);
        Options by_id = drawn;
        by_id.top_p = 1;
        compare({row, row, row}, {Options(), drawn, by_id}, 3, 64);
    }
}
