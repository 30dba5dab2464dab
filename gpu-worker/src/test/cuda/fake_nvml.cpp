// A libnvidia-ml.so.1 with one process beside us on each device.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <unistd.h>

#define API extern "C" __attribute__((visibility("default"))) int

namespace {

struct Process {
    unsigned pid;
    unsigned long long bytes;
    unsigned instance, compute_instance;
};

struct Memory {
    unsigned long long total, free, used;
};

constexpr int INVALID_ARGUMENT = 2, INSUFFICIENT_SIZE = 7;
constexpr int UNKNOWN_ERROR = 999;
constexpr int MOST_DEVICES = 64;
char devices[MOST_DEVICES];

unsigned long long others_bytes() {
    const char *const text = getenv("FAKE_NVML_OTHERS");
    return text ? strtoull(text, nullptr, 10) : 1ull << 30;
}
}  // namespace

API nvmlInit_v2() { return 0; }
API nvmlShutdown() { return 0; }
extern "C" __attribute__((visibility("default"))) const char *nvmlErrorString(int code) {
    return code ? "Failed" : "Success";
}

// The driver's devices have the buses 1, 2 and so on.
API nvmlDeviceGetHandleByPciBusId_v2(const char *id, void **handle) {
    const unsigned long bus = strtoul(id + strlen("0000:"), nullptr, 16);
    if (bus == 0 || bus > MOST_DEVICES) return INVALID_ARGUMENT;
    *handle = &devices[bus - 1];
    return 0;
}

API nvmlDeviceGetHandleByUUID(const char *, void **handle) {
    *handle = devices;
    return 0;
}

API nvmlDeviceGetMemoryInfo(void *handle, Memory *memory) {
    void *const driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
    const auto ask = driver ? reinterpret_cast<int (*)(int, unsigned long long *, unsigned long long *)>(
                                  dlsym(driver, "fake_memory_info"))
                            : nullptr;
    if (!ask || !ask(static_cast<int>(static_cast<char *>(handle) - devices), &memory->free, &memory->total))
        return UNKNOWN_ERROR;
    memory->used = memory->total - memory->free;
    return 0;
}

API nvmlDeviceGetComputeRunningProcesses_v3(void *, unsigned *count, Process *processes) {
    const unsigned room = *count;
    *count = 2;
    if (room < 2) return INSUFFICIENT_SIZE;
    processes[0] = {static_cast<unsigned>(getpid()), 1 << 20, 0, 0};
    processes[1] = {1, others_bytes(), 0, 0};
    return 0;
}

API nvmlSystemGetProcessName(unsigned pid, char *name, unsigned bytes) {
    snprintf(name, bytes, "/usr/bin/process-%u", pid);
    return 0;
}
