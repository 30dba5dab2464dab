// What a driver hands out.
#pragma once
#include "shim.h"
#include <chrono>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace fake {

struct Stream;

struct Device {
    int ordinal = 0;
    int major = 9, minor = 0;
    size_t total_bytes = size_t{4} << 30, taken_bytes = 0, others_bytes = 0;
    int retained = 0;
    int sticky = 0;
    Stream *null_stream = nullptr;
    std::set<unsigned long> threads;  // that made calls on it
    std::map<std::string, long> counts;
};

// Device memory between two pages that cannot be touched; what is left before the second one is checked.
struct Memory {
    size_t bytes;
    char *mapped;
    size_t mapped_bytes;
    Device *device;
};

// Something that a stream does in its turn; a code other than 0 is the end of its context.
typedef std::function<int()> Work;

struct Graph {
    std::vector<Work> work;
    Device *device;
};

struct Stream {
    Device *device;
    std::deque<Work> queue;
    Graph *capture = nullptr;
    bool invalidated = false;
    unsigned long capturing_thread = 0;
};

struct Event {
    Device *device;
    bool timing;
    Stream *stream = nullptr;
    uint64_t recorded = 0, over = 0;
    std::chrono::steady_clock::time_point time;
};

struct Module;

struct Function {
    Module *module;
    std::string name;
    const shim::Export *kernel;
    size_t static_shared_bytes;
    unsigned threads_limit;
    size_t dynamic_shared_limit;
    bool loaded = false;  // a driver loads a kernel when it is first launched, which it cannot in a capture
};

struct Module {
    Device *device;
    std::map<std::string, Function> functions;
};
}  // namespace fake
