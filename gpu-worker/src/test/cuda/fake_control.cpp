// What tests set and ask of the fake driver; the process's environment sets it, too, for servers under test.
#include "fake_stream.h"

using namespace fake;

#define CONTROL(type) extern "C" __attribute__((visibility("default"))) type
#define LOCKED const std::lock_guard<std::recursive_mutex> lock(fake::fake().mutex)

namespace {

long from_environment(const char *name, long otherwise) {
    const char *const text = getenv(name);
    return text ? atol(text) : otherwise;
}

// `call:n:code`: the nth call fails.
void fault_from_environment() {
    const char *const text = getenv("FAKE_CUDA_FAULT");
    if (!text) return;
    const std::string fault = text;
    const size_t code = fault.rfind(':'), nth = fault.rfind(':', code - 1);
    fake::fake().faults.push_back({fault.substr(0, nth), std::stol(fault.substr(nth + 1)), std::stoi(fault.substr(code + 1))});
}

template <class T> void clear(std::set<T *> &all) {
    for (T *each : all) delete each;
    all.clear();
}

void forget() {
    Fake &all = fake::fake();
    clear(all.streams);
    clear(all.events);
    clear(all.modules);
    clear(all.graphs);
    clear(all.executables);
    while (!all.memory.empty()) release(all.memory.begin());
    for (const auto &[address, bytes] : all.pinned) free(reinterpret_cast<void *>(address));
    all.pinned.clear();
    for (Device &device : all.devices) delete device.null_stream;
    all.counts.clear();
    all.faults.clear();
    all.last_error.clear();
    all.eager = false;
    all.computes = true;
    shim::state.schedule = shim::ASCENDING;
}

void set_up() {
    Fake &all = fake::fake();
    all.version = static_cast<int>(from_environment("FAKE_CUDA_VERSION", 13000));
    all.devices = std::vector<Device>(static_cast<size_t>(from_environment("FAKE_CUDA_DEVICES", 1)));
    for (size_t i = 0; i < all.devices.size(); i++) {
        all.devices[i].ordinal = static_cast<int>(i);
        all.devices[i].total_bytes = static_cast<size_t>(from_environment("FAKE_CUDA_MEMORY", long{4} << 30));
        all.devices[i].others_bytes = static_cast<size_t>(from_environment("FAKE_NVML_OTHERS", 0));
    }
    fault_from_environment();
}

const bool is_set_up = (set_up(), true);

void append(std::string &text, size_t count, const char *what) {
    if (count > 0) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + what;
}
}  // namespace

// All as when the process began, with other devices; whoever still has a handle has none.
CONTROL(void) fake_reset(int devices) {
    LOCKED;
    forget();
    set_up();
    std::vector<Device> &all = fake::fake().devices;
    const size_t bytes = all.empty() ? size_t{4} << 30 : all[0].total_bytes;
    all = std::vector<Device>(static_cast<size_t>(devices));
    for (int i = 0; i < devices; i++) {
        all[static_cast<size_t>(i)].ordinal = i;
        all[static_cast<size_t>(i)].total_bytes = bytes;
    }
    current = nullptr;
}

CONTROL(void) fake_version(int version) {
    LOCKED;
    fake::fake().version = version;
}

CONTROL(void) fake_capability(int device, int major, int minor) {
    LOCKED;
    fake::fake().devices.at(static_cast<size_t>(device)).major = major;
    fake::fake().devices.at(static_cast<size_t>(device)).minor = minor;
}

CONTROL(void) fake_memory(int device, long total_bytes, long others_bytes) {
    LOCKED;
    fake::fake().devices.at(static_cast<size_t>(device)).total_bytes = static_cast<size_t>(total_bytes);
    fake::fake().devices.at(static_cast<size_t>(device)).others_bytes = static_cast<size_t>(others_bytes);
}

// `eager` work is done when it is asked for, otherwise when it is waited for; threads run in one of three orders.
CONTROL(void) fake_schedule(int threads, int eager) {
    LOCKED;
    shim::state.schedule = threads;
    fake::fake().eager = eager != 0;
}

// Kernels that do not compute take no time and leave memory as it is.
CONTROL(void) fake_computes(int on) {
    LOCKED;
    fake::fake().computes = on != 0;
}

// The nth call of a name from now on returns `code`. `kernel NAME` fails while it runs.
CONTROL(void) fake_fault(const char *call, long nth, int code) {
    LOCKED;
    fake::fake().faults.push_back({call, nth, code});
}

CONTROL(long) fake_pending_faults() {
    LOCKED;
    return static_cast<long>(fake::fake().faults.size());
}

CONTROL(long) fake_count(const char *what) {
    LOCKED;
    const auto at = fake::fake().counts.find(what);
    return at == fake::fake().counts.end() ? 0 : at->second;
}

// Of calls in the context of one device, which kernels are not, and of bytes.
CONTROL(long) fake_device_count(int device, const char *what) {
    LOCKED;
    const std::map<std::string, long> &counts = fake::fake().devices.at(static_cast<size_t>(device)).counts;
    const auto at = counts.find(what);
    return at == counts.end() ? 0 : at->second;
}

CONTROL(void) fake_clear_counts() {
    LOCKED;
    fake::fake().counts.clear();
    for (Device &device : fake::fake().devices) device.counts.clear();
}

// What was made and not given back, as a text; valid until the next call.
CONTROL(const char *) fake_leaks() {
    LOCKED;
    static std::string text;
    text.clear();
    const Fake &all = fake::fake();
    append(text, all.memory.size(), "of memory");
    append(text, all.pinned.size(), "of pinned memory");
    append(text, all.streams.size(), "streams");
    append(text, all.events.size(), "events");
    append(text, all.modules.size(), "modules");
    append(text, all.graphs.size(), "graphs");
    append(text, all.executables.size(), "executable graphs");
    size_t retained = 0;
    for (const Device &device : all.devices) retained += static_cast<size_t>(device.retained);
    append(text, retained, "contexts");
    return text.c_str();
}

CONTROL(const char *) fake_last_error() {
    LOCKED;
    return fake::fake().last_error.c_str();
}

// Threads that made calls on a device.
CONTROL(long) fake_threads(int device) {
    LOCKED;
    return static_cast<long>(fake::fake().devices.at(static_cast<size_t>(device)).threads.size());
}

// What a device has and what nobody has taken of it; false where there is no such device.
CONTROL(int) fake_memory_info(int device, unsigned long long *free, unsigned long long *total) {
    LOCKED;
    if (device >= static_cast<int>(fake::fake().devices.size())) return false;
    const Device &of = fake::fake().devices[static_cast<size_t>(device)];
    const size_t used = of.taken_bytes + of.others_bytes;
    *total = of.total_bytes;
    *free = used < of.total_bytes ? of.total_bytes - used : 0;
    return true;
}

CONTROL(long) fake_taken_bytes(int device) {
    LOCKED;
    return static_cast<long>(fake::fake().devices.at(static_cast<size_t>(device)).taken_bytes);
}
