// What the fake driver knows: devices, what was made on them, counts, faults that tests ask for.
#pragma once
#include "fake_objects.h"
#include <mutex>

namespace fake {

enum Code {
    SUCCESS = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    NO_DEVICE = 100,
    INVALID_DEVICE = 101,
    INVALID_IMAGE = 200,
    INVALID_CONTEXT = 201,
    NO_BINARY_FOR_GPU = 209,
    UNSUPPORTED_PTX_VERSION = 222,
    INVALID_HANDLE = 400,
    NOT_FOUND = 500,
    NOT_READY = 600,
    ILLEGAL_ADDRESS = 700,
    LAUNCH_OUT_OF_RESOURCES = 701,
    LAUNCH_TIMEOUT = 702,
    HARDWARE_STACK_ERROR = 714,
    LAUNCH_FAILED = 719,
    NOT_SUPPORTED = 801,
    CAPTURE_UNSUPPORTED = 900,
    CAPTURE_INVALIDATED = 901,
    CAPTURE_ISOLATION = 905,
    CAPTURE_WRONG_THREAD = 908,
    UNKNOWN = 999
};

// A context is of no use after these.
inline bool is_sticky(int code) {
    return code == 214 || code == 220 || code == 700 || code == 702 || (code >= 709 && code <= 719) || code == 999;
}

struct Fault {
    std::string call;
    long calls_left;
    int code;
};

struct Fake {
    std::recursive_mutex mutex;
    std::vector<Device> devices;
    int version = 13000;
    bool eager = false;
    bool computes = true;
    std::map<std::string, long> counts;
    std::vector<Fault> faults;
    std::string last_error;
    std::map<uintptr_t, Memory> memory;
    std::map<uintptr_t, size_t> pinned;
    std::set<Stream *> streams;
    std::set<Event *> events;
    std::set<Module *> modules;
    std::set<Graph *> graphs;
    std::set<Graph *> executables;

    // The code that a test asked for, where its turn has come.
    int fault(const std::string &call) {
        counts[call]++;
        int code = SUCCESS;
        for (size_t i = 0; i < faults.size();)
            if (faults[i].call == call && --faults[i].calls_left == 0) {
                code = faults[i].code;
                faults.erase(faults.begin() + static_cast<long>(i));
            } else {
                i++;
            }
        return code;
    }

    int say(int code, const std::string &what) {
        last_error = what;
        fprintf(stderr, "fake driver: %s (code %d)\n", what.c_str(), code);
        return code;
    }
};

inline Fake &fake() {
    static Fake *const all = new Fake;  // outlives whoever still calls while the process ends
    return *all;
}

inline thread_local Device *current;
}  // namespace fake
