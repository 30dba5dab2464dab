// A libnvidia-ml.so.1 with one process beside us on each device.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

#define API extern "C" __attribute__((visibility("default"))) int

namespace {

struct Process {
    unsigned pid;
    unsigned long long bytes;
    unsigned instance, compute_instance;
};

constexpr int INSUFFICIENT_SIZE = 7;
char device;

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

API nvmlDeviceGetHandleByPciBusId_v2(const char *, void **handle) {
    *handle = &device;
    return 0;
}

API nvmlDeviceGetHandleByUUID(const char *, void **handle) {
    *handle = &device;
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
