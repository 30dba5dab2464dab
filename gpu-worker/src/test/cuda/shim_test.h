// Checks of kernels on the shim against plain C++: `CASE(name) { ... }` in any file, each run under all schedules.
#pragma once
#include "shim.h"
#include <cmath>
#include <random>
#include <type_traits>
#include <vector>

namespace testing {

struct Case {
    const char *name;
    void (*run)();
    Case(const char *name, void (*run)()) : name(name), run(run) { all().push_back(*this); }
    static std::vector<Case> &all() {
        static std::vector<Case> cases;
        return cases;
    }
};

inline int failures;

inline void failed(const std::string &what) {
    if (++failures <= 20) printf("  %s\n", what.c_str());
}

// Device memory: a read or write beyond its end, rounded up to 16 bytes, or before its start hits a page that is not
// there, and those few bytes are checked. What was not given holds NaN.
template <class T> class Memory {
  public:
    explicit Memory(size_t count) : count(count) {
        const size_t bytes = (count * sizeof(T) + 15) / 16 * 16;
        pages = (bytes + shim::PAGE_BYTES - 1) / shim::PAGE_BYTES * shim::PAGE_BYTES;
        base = static_cast<char *>(
            mmap(nullptr, pages + 2 * shim::PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        if (base == MAP_FAILED) abort();
        mprotect(base, shim::PAGE_BYTES, PROT_NONE);
        mprotect(base + shim::PAGE_BYTES + pages, shim::PAGE_BYTES, PROT_NONE);
        memset(base + shim::PAGE_BYTES, 0xff, pages);
        elements = reinterpret_cast<T *>(base + shim::PAGE_BYTES + pages - bytes);
    }
    explicit Memory(const std::vector<T> &values) : Memory(values.size()) {
        if (count > 0) memcpy(static_cast<void *>(elements), values.data(), count * sizeof(T));
    }
    Memory(const Memory &) = delete;
    ~Memory() {
        for (const char *at = reinterpret_cast<char *>(elements + count); at < base + shim::PAGE_BYTES + pages; at++)
            if (*at != static_cast<char>(0xff)) failed("written beyond the end of memory");
        munmap(base, pages + 2 * shim::PAGE_BYTES);
    }
    T *data() { return elements; }
    size_t size() const { return count; }
    T &operator[](size_t i) { return elements[i]; }
    std::vector<T> values() const { return std::vector<T>(elements, elements + count); }

  private:
    size_t count, pages;
    char *base;
    T *elements;
};

// Numbers that are the same in each run.
inline std::mt19937 &generator() {
    static std::mt19937 engine(7);
    return engine;
}

inline std::vector<float> normal(size_t count, float deviation = 1.0f) {
    std::normal_distribution<float> distribution(0.0f, deviation);
    std::vector<float> values(count);
    for (float &value : values) value = distribution(generator());
    return values;
}

inline int whole(int from, int to) { return std::uniform_int_distribution<int>(from, to)(generator()); }

// Header of a packed step: as many tokens and samples, nothing behind it.
inline std::vector<int> step_header(int tokens, int samples) {
    std::vector<int> words(12, 0);
    words[0] = 0x4d520001;
    words[1] = 12;
    words[6] = tokens;
    words[9] = samples;
    return words;
}

// False, and said, where the kernel could not run to its end.
template <class Kernel, class... A> bool run(dim3 grid, dim3 block, size_t shared_bytes, Kernel kernel, A... arguments) {
    const std::string error = shim::launch(grid, block, shared_bytes, [=] { kernel(arguments...); });
    if (error.empty()) return true;
    failed(error);
    return false;
}

// Each |actual - expected| <= tolerance * the largest |expected|; not finite alike.
inline void near(const char *what, const std::vector<float> &actual, const std::vector<double> &expected, double tolerance) {
    if (actual.size() != expected.size()) return failed(std::string(what) + ": sizes differ");
    double largest = 0;
    for (const double value : expected)
        if (std::isfinite(value)) largest = std::max(largest, std::fabs(value));
    for (size_t i = 0; i < expected.size(); i++) {
        const bool same = std::isfinite(expected[i]) ? std::fabs(actual[i] - expected[i]) <= tolerance * largest
                          : std::isnan(expected[i])  ? std::isnan(actual[i])
                                                     : static_cast<double>(actual[i]) == expected[i];
        if (same) continue;
        char text[200];
        snprintf(text, sizeof text, "%s: [%zu] is %g instead of %g", what, i, actual[i], expected[i]);
        return failed(text);
    }
}

// Equal to the last bit.
template <class T> void same(const char *what, const std::vector<T> &actual, const std::vector<T> &expected) {
    static_assert(std::is_trivially_copyable<T>::value, "bits are compared");
    if (actual.size() != expected.size()) return failed(std::string(what) + ": sizes differ");
    for (size_t i = 0; i < expected.size(); i++)
        if (memcmp(&actual[i], &expected[i], sizeof(T)) != 0)
            return failed(std::string(what) + ": [" + std::to_string(i) + "] differs");
}
}  // namespace testing

#define CASE(name)                                                \
    static void case_##name();                                    \
    static const testing::Case registered_##name(#name, case_##name); \
    static void case_##name()
