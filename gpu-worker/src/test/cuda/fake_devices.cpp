// Devices, contexts and memory of the fake driver.
#include "fake_call.h"

using namespace fake;

API cuInit(unsigned) {
    CALL("cuInit");
    return fake::fake().devices.empty() ? NO_DEVICE : SUCCESS;
}

API cuDriverGetVersion(int *version) {
    CALL("cuDriverGetVersion");
    *version = fake::fake().version;
    return SUCCESS;
}

API cuDeviceGetCount(int *count) {
    CALL("cuDeviceGetCount");
    *count = static_cast<int>(fake::fake().devices.size());
    return SUCCESS;
}

API cuDeviceGet(int *device, int ordinal) {
    CALL("cuDeviceGet");
    if (ordinal < 0 || ordinal >= static_cast<int>(fake::fake().devices.size())) return INVALID_DEVICE;
    *device = ordinal;
    return SUCCESS;
}

API cuDeviceGetName(char *name, int bytes, int device) {
    CALL("cuDeviceGetName");
    snprintf(name, static_cast<size_t>(bytes), "Fake GPU %d", device);
    return SUCCESS;
}

API cuDeviceGetUuid(char *uuid, int device) {
    CALL("cuDeviceGetUuid");
    memset(uuid, 0, 16);
    uuid[15] = static_cast<char>(device + 1);
    return SUCCESS;
}

API cuDeviceGetPCIBusId(char *id, int bytes, int device) {
    CALL("cuDeviceGetPCIBusId");
    snprintf(id, static_cast<size_t>(bytes), "0000:%02x:00.0", device + 1);
    return SUCCESS;
}

API cuDeviceGetAttribute(int *value, int attribute, int device) {
    CALL("cuDeviceGetAttribute");
    const Device &of = fake::fake().devices.at(static_cast<size_t>(device));
    switch (attribute) {
        case 10: *value = 32; break;          // lanes of a warp
        case 16: *value = 4; break;           // processors
        case 38: *value = 1 << 20; break;     // bytes of second-level cache
        case 75: *value = of.major; break;
        case 76: *value = of.minor; break;
        case 97: *value = 163 << 10; break;   // most shared memory of a block
        default: *value = 0;
    }
    return SUCCESS;
}

API cuDeviceTotalMem_v2(size_t *bytes, int device) {
    CALL("cuDeviceTotalMem");
    *bytes = fake::fake().devices.at(static_cast<size_t>(device)).total_bytes;
    return SUCCESS;
}

API cuDevicePrimaryCtxRetain(void **context, int ordinal) {
    CALL("cuDevicePrimaryCtxRetain");
    Device &device = fake::fake().devices.at(static_cast<size_t>(ordinal));
    if (!device.null_stream) {
        device.null_stream = new Stream;
        device.null_stream->device = &device;
    }
    device.retained++;
    *context = &device;
    return SUCCESS;
}

// The last one takes the error of the context with it.
API cuDevicePrimaryCtxRelease_v2(int ordinal) {
    CALL("cuDevicePrimaryCtxRelease");
    Device &device = fake::fake().devices.at(static_cast<size_t>(ordinal));
    if (device.retained == 0) return INVALID_CONTEXT;
    drain(&device);
    if (--device.retained == 0) {
        device.sticky = 0;
        device.peers.clear();
    }
    return SUCCESS;
}

API cuCtxSetCurrent(void *context) {
    CALL("cuCtxSetCurrent");
    current = static_cast<Device *>(context);
    return SUCCESS;
}

API cuCtxEnablePeerAccess(void *context, unsigned) {
    CALL_IN_CONTEXT("cuCtxEnablePeerAccess");
    Device *const peer = static_cast<Device *>(context);
    if (peer == current || peer->retained == 0) return INVALID_DEVICE;
    return current->peers.insert(peer).second ? SUCCESS : PEER_ACCESS_ALREADY_ENABLED;
}

API cuCtxGetCurrent(void **context) {
    CALL("cuCtxGetCurrent");
    *context = current;
    return SUCCESS;
}

API cuCtxGetDevice(int *device) {
    CALL_IN_CONTEXT("cuCtxGetDevice");
    *device = current->ordinal;
    return SUCCESS;
}

API cuCtxSynchronize() {
    CALL_IN_CONTEXT("cuCtxSynchronize");
    NOT_IN_CAPTURE("cuCtxSynchronize");
    drain(current->null_stream);
    return drain(current);
}

API cuMemGetInfo_v2(size_t *free, size_t *total) {
    CALL_IN_CONTEXT("cuMemGetInfo");
    *total = current->total_bytes;
    const size_t used = current->taken_bytes + current->others_bytes;
    *free = used < *total ? *total - used : 0;
    return SUCCESS;
}

API cuMemAlloc_v2(uintptr_t *address, size_t bytes) {
    CALL_IN_CONTEXT("cuMemAlloc");
    NOT_IN_CAPTURE("cuMemAlloc");
    return allocate(current, bytes, address);
}

// Waits for all that the device does, as drivers do.
API cuMemFree_v2(uintptr_t address) {
    CALL_TO_RELEASE("cuMemFree");
    NOT_IN_CAPTURE("cuMemFree");
    const auto at = fake::fake().memory.find(address);
    if (at == fake::fake().memory.end()) return fake::fake().say(INVALID_VALUE, "free of memory that is none");
    const int code = drain(at->second.device);
    release(at);
    return code;
}

API cuMemHostAlloc(void **at, size_t bytes, unsigned) {
    CALL_IN_CONTEXT("cuMemHostAlloc");
    NOT_IN_CAPTURE("cuMemHostAlloc");
    if (bytes == 0) return INVALID_VALUE;
    *at = aligned_alloc(shim::PAGE_BYTES, (bytes + shim::PAGE_BYTES - 1) / shim::PAGE_BYTES * shim::PAGE_BYTES);
    if (!*at) return OUT_OF_MEMORY;
    memset(*at, 0xff, std::min(bytes, POISONED_BYTES));
    fake::fake().pinned[reinterpret_cast<uintptr_t>(*at)] = bytes;
    return SUCCESS;
}

API cuMemFreeHost(void *at) {
    CALL_TO_RELEASE("cuMemFreeHost");
    NOT_IN_CAPTURE("cuMemFreeHost");
    if (fake::fake().pinned.erase(reinterpret_cast<uintptr_t>(at)) == 0)
        return fake::fake().say(INVALID_VALUE, "free of pinned memory that is none");
    for (Device &device : fake::fake().devices) drain(&device);
    free(at);
    return current->sticky;
}

API cuGetErrorName(int code, const char **name) {
    static const std::map<int, const char *> names = {
        {0, "CUDA_SUCCESS"}, {1, "CUDA_ERROR_INVALID_VALUE"}, {2, "CUDA_ERROR_OUT_OF_MEMORY"},
        {100, "CUDA_ERROR_NO_DEVICE"}, {101, "CUDA_ERROR_INVALID_DEVICE"}, {200, "CUDA_ERROR_INVALID_IMAGE"},
        {201, "CUDA_ERROR_INVALID_CONTEXT"}, {209, "CUDA_ERROR_NO_BINARY_FOR_GPU"},
        {222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"}, {400, "CUDA_ERROR_INVALID_HANDLE"},
        {500, "CUDA_ERROR_NOT_FOUND"}, {600, "CUDA_ERROR_NOT_READY"}, {700, "CUDA_ERROR_ILLEGAL_ADDRESS"},
        {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"}, {702, "CUDA_ERROR_LAUNCH_TIMEOUT"},
        {714, "CUDA_ERROR_HARDWARE_STACK_ERROR"}, {719, "CUDA_ERROR_LAUNCH_FAILED"},
        {801, "CUDA_ERROR_NOT_SUPPORTED"}, {900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"},
        {901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"}, {905, "CUDA_ERROR_STREAM_CAPTURE_ISOLATION"},
        {908, "CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD"}, {999, "CUDA_ERROR_UNKNOWN"}};
    const auto at = names.find(code);
    *name = at == names.end() ? nullptr : at->second;
    return at == names.end() ? INVALID_VALUE : SUCCESS;
}

API cuGetErrorString(int code, const char **text) { return cuGetErrorName(code, text); }
