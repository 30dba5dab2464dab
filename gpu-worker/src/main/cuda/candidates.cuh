// The tokens that can be drawn at all, with whole weights, and searches among them. A candidate's code is smaller the
// likelier it is; the lower id comes first among equals.
#pragma once
#include "exponential.cuh"
#include "ranking.cuh"

// Levels are eighths of an exponent: 0 to 240.
#define LEVELS_PER_UNIT 8.0f

// Candidates that a block keeps a list of.
enum { BINS = 256, MOST_LISTED = 4096 };

// What the searches of a block share.
struct Search {
    uint64_t warps[32];
    uint64_t left;
    int bin;
    uint32_t counts[BINS];
    uint32_t lower[BINS];
    uint32_t upper[BINS];
    int ids[BINS];
    int listed;
    int list[MOST_LISTED];
};

struct Candidates {
    const float *logits;
    int vocabulary;
    // The ids among which all are that can be chosen, in any order, or null where these are not known.
    const int *list;
    int listed;
    float highest;
    float temperature;
    int id_bits;
    // The last code that is kept, and the least weight.
    uint64_t last;
    uint64_t least;

    DEVICE float exponent_of(float logit) const { return (logit - highest) / temperature; }

    DEVICE float exponent(int id) const { return exponent_of(logits[id]); }

    DEVICE uint64_t code(float exponent, int id) const {
        return (uint64_t)(__float_as_uint(exponent) & 0x7fffffffu) << id_bits | (uint32_t)id;
    }

    // 0 for a token that is no candidate or cut off.
    DEVICE uint64_t weight(int id) const { return weight(id, exponent(id)); }

    DEVICE uint64_t weight(int id, float wanted) const {
        if (!(wanted >= LOWEST_EXPONENT) || code(wanted, id) > last) {
            return 0;
        }
        uint64_t found = weight_of(wanted);
        return found >= least ? found : 0;
    }

    // Calls `work(id, exponent)` for all tokens that can be chosen, and for some that cannot.
    template <class Work> DEVICE void each(Work work) const {
        if (list == nullptr) {
            each_logit(logits, vocabulary, [&](int id, float logit) { work(id, exponent_of(logit)); });
            return;
        }
        for (int i = threadIdx.x; i < listed; i += blockDim.x) {
            work(list[i], exponent(list[i]));
        }
    }
};

// Of all that are kept.
DEVICE uint64_t total_weight(const Candidates &from, Search *search) {
    uint64_t total = 0;
    from.each([&](int id, float exponent) { total += from.weight(id, exponent); });
    return block_total(total, search->warps);
}

DEVICE uint64_t candidate_count(const Candidates &from, Search *search) {
    uint64_t count = 0;
    from.each([&](int, float exponent) { count += exponent >= LOWEST_EXPONENT; });
    return block_total(count, search->warps);
}

// The first id whose running weight, in the order of all ids, exceeds `target`, which is below the total: the warps add
// up a part of the ids each, then parts of the part where it happens. Takes two warps at least.
DEVICE int first_by_id(const Candidates &from, uint64_t target, Search *search) {
    int warps = blockDim.x >> 5, warp = threadIdx.x >> 5;
    int begin = 0, end = from.vocabulary;
    while (end - begin > 1) {
        int part = (end - begin + warps - 1) / warps;
        int part_begin = min(begin + warp * part, end), part_end = min(part_begin + part, end);
        uint64_t sum = 0;
        for (int id = part_begin + (threadIdx.x & 31); id < part_end; id += 32) {
            sum += from.weight(id);
        }
        sum = warp_reduce(sum, [](uint64_t a, uint64_t b) { return a + b; });
        if ((threadIdx.x & 31) == 0) {
            search->warps[warp] = sum;
        }
        __syncthreads();
        int found = 0;
        while (found < warps - 1 && target >= search->warps[found]) {
            target -= search->warps[found++];
        }
        begin = min(begin + found * part, end);
        end = min(begin + part, end);
        __syncthreads();
    }
    return begin;
}

// Adds to a 64-bit number in two halves: shared memory adds 32 bits at once natively. The sum does not depend on the
// order.
DEVICE void add_weight(Search *search, int bin, uint64_t weight) {
    uint32_t lower = (uint32_t)weight;
    uint32_t before = atomicAdd(&search->lower[bin], lower);
    uint32_t upper = (uint32_t)(weight >> 32) + (before + lower < before ? 1 : 0);
    if (upper) {
        atomicAdd(&search->upper[bin], upper);
    }
}

DEVICE uint64_t measure(const Search *search, int bin, bool counts) {
    return counts ? search->counts[bin] : (uint64_t)search->upper[bin] << 32 | search->lower[bin];
}

// Finds the first bin up to and with which more than `target` is there, and what `target` is behind the bins before:
// work of one warp.
DEVICE void pick_bin(Search *search, uint64_t target, bool counts) {
    int lane = threadIdx.x, first = lane * (BINS / 32);
    uint64_t own = 0;
    for (int i = 0; i < BINS / 32; i++) {
        own += measure(search, first + i, counts);
    }
    search->warps[lane] = own;
    __syncwarp();
    uint64_t before = 0;
    for (int other = 0; other < lane; other++) {
        before += search->warps[other];
    }
    if (target < before || target >= before + own) {
        return;
    }
    target -= before;
    int bin = first;
    while (target >= measure(search, bin, counts)) {
        target -= measure(search, bin++, counts);
    }
    search->bin = bin;
    search->left = target;
}

// The level of an exponent, not below LOWEST_EXPONENT.
DEVICE int level(float exponent) { return (int)(exponent * -LEVELS_PER_UNIT); }

// Whether a token is among those that are counted, or has a weight.
DEVICE bool is_there(const Candidates &from, int id, float exponent, bool counts) {
    return counts ? exponent >= LOWEST_EXPONENT : from.weight(id, exponent) > 0;
}

// Counts and weights by level, or, where `shift` is not negative, by ranges of 2^shift codes from `begin` on; then the
// bin in which `target` lies (pick_bin).
DEVICE void tally(const Candidates &from, uint64_t begin, int shift, uint64_t target, bool counts, Search *search) {
    for (int bin = threadIdx.x; bin < BINS; bin += blockDim.x) {
        search->counts[bin] = search->lower[bin] = search->upper[bin] = 0;
    }
    __syncthreads();
    from.each([&](int id, float exponent) {
        if (!is_there(from, id, exponent, counts)) {
            return;
        }
        int bin = level(exponent);
        if (shift >= 0) {
            uint64_t code = from.code(exponent, id);
            if (code < begin || (code - begin) >> shift >= BINS) {
                return;
            }
            bin = (int)((code - begin) >> shift);
        }
        atomicAdd(&search->counts[bin], 1u);
        search->ids[bin] = id; // of no use where there are several
        if (!counts) {
            add_weight(search, bin, from.weight(id, exponent));
        }
    });
    __syncthreads();
    if (threadIdx.x < 32) {
        pick_bin(search, target, counts);
    }
    __syncthreads();
}

// Before candidates are cut off behind `target` (first_by_rank): lists those up to the level where that is, where there
// are not too many. All searches that follow go through the list instead of the vocabulary.
DEVICE void narrow(Candidates *candidates, uint64_t target, bool counts, Search *search) {
    tally(*candidates, 0, -1, target, counts, search);
    const int last = search->bin;
    uint64_t there = 0;
    for (int bin = threadIdx.x; bin <= last; bin += blockDim.x) {
        there += search->counts[bin];
    }
    there = block_total(there, search->warps);
    if (there > MOST_LISTED) {
        return;
    }
    if (threadIdx.x == 0) {
        search->listed = 0;
    }
    __syncthreads();
    candidates->each([&](int id, float exponent) {
        if (is_there(*candidates, id, exponent, counts) && level(exponent) <= last) {
            search->list[atomicAdd(&search->listed, 1)] = id;
        }
    });
    __syncthreads();
    candidates->list = search->list;
    candidates->listed = (int)there;
}

// The id of the first candidate, in the order of the codes, up to and with which more than `target` is there (weights,
// or heads where `counts`); `target` is below the total. Narrows the codes down bin by bin until one candidate is left.
DEVICE int first_by_rank(const Candidates &from, uint64_t target, bool counts, Search *search) {
    uint64_t begin = 0;
    int shift = -1; // at first bins are levels
    while (true) {
        tally(from, begin, shift, target, counts, search);
        int bin = search->bin;
        bool single = search->counts[bin] == 1;
        int id = search->ids[bin];
        target = search->left;
        __syncthreads();
        if (single) {
            return id;
        }
        if (shift < 0) {
            begin = (uint64_t)__float_as_uint(bin / LEVELS_PER_UNIT) << from.id_bits;
            uint64_t size = ((uint64_t)__float_as_uint((bin + 1) / LEVELS_PER_UNIT) << from.id_bits) - begin;
            for (shift = 0; ((size - 1) >> shift) >= BINS;) {
                shift++;
            }
        } else {
            begin += (uint64_t)bin << shift;
            shift = max(shift - 8, 0);
        }
    }
}
