// Copies and fills of the fake driver. Whether the memory is there is checked when a copy is asked for; its bytes are
// read when the stream comes to it.
#include "fake_call.h"

using namespace fake;

namespace {

int asynchronous(const char *call, void *handle, const char *wrong, Work work) {
    Stream *const stream = stream_of(handle);
    if (!stream) return fake::fake().say(INVALID_HANDLE, std::string(call) + " on a stream that is none");
    if (wrong) return fake::fake().say(INVALID_VALUE, std::string(call) + ": " + wrong);
    return put(stream, std::move(work));
}

void count_bytes(const char *what, size_t bytes) {
    fake::fake().counts[what] += static_cast<long>(bytes);
    current->counts[what] += static_cast<long>(bytes);
}

const char *off_device(uintptr_t address, size_t bytes) {
    return bytes > 0 && holder(address, bytes) != current ? "bytes outside of the device's memory" : nullptr;
}

const char *off_pinned(const void *at, size_t bytes) {
    return bytes > 0 && !is_pinned(at, bytes) ? "host memory that is not pinned" : nullptr;
}

int copy(void *to, const void *from, size_t bytes) {
    memcpy(to, from, bytes);
    return SUCCESS;
}

template <class T> int fill(uintptr_t to, T value, size_t count) {
    std::fill_n(reinterpret_cast<T *>(to), count, value);
    return SUCCESS;
}

void *pointer(uintptr_t address) { return reinterpret_cast<void *>(address); }

// Waits for the stream without a name only.
int at_once(const char *wrong, const Work &work) {
    if (wrong) return fake::fake().say(INVALID_VALUE, wrong);
    if (const int code = drain(current->null_stream)) return code;
    return work();
}
}  // namespace

API cuMemcpyHtoDAsync_v2(uintptr_t to, const void *from, size_t bytes, void *stream) {
    CALL_IN_CONTEXT("cuMemcpyHtoDAsync");
    count_bytes("bytes up", bytes);
    const char *const wrong = off_device(to, bytes);
    return asynchronous("cuMemcpyHtoDAsync", stream, wrong ? wrong : off_pinned(from, bytes),
                        [=] { return copy(pointer(to), from, bytes); });
}

API cuMemcpyDtoHAsync_v2(void *to, uintptr_t from, size_t bytes, void *stream) {
    CALL_IN_CONTEXT("cuMemcpyDtoHAsync");
    count_bytes("bytes down", bytes);
    const char *const wrong = off_device(from, bytes);
    return asynchronous("cuMemcpyDtoHAsync", stream, wrong ? wrong : off_pinned(to, bytes),
                        [=] { return copy(to, pointer(from), bytes); });
}

API cuMemcpyDtoDAsync_v2(uintptr_t to, uintptr_t from, size_t bytes, void *stream) {
    CALL_IN_CONTEXT("cuMemcpyDtoDAsync");
    const char *const wrong = off_device(to, bytes);
    return asynchronous("cuMemcpyDtoDAsync", stream, wrong ? wrong : off_device(from, bytes),
                        [=] { return copy(pointer(to), pointer(from), bytes); });
}

API cuMemcpyPeerAsync(uintptr_t to, void *to_context, uintptr_t from, void *from_context, size_t bytes, void *stream) {
    CALL_IN_CONTEXT("cuMemcpyPeerAsync");
    const bool is_held = holder(to, bytes) == to_context && holder(from, bytes) == from_context;
    return asynchronous("cuMemcpyPeerAsync", stream, is_held ? nullptr : "bytes outside of a device's memory",
                        [=] { return copy(pointer(to), pointer(from), bytes); });
}

API cuMemsetD32Async(uintptr_t to, unsigned value, size_t count, void *stream) {
    CALL_IN_CONTEXT("cuMemsetD32Async");
    const char *const wrong = to % 4 ? "an address not aligned to 4 bytes" : off_device(to, count * 4);
    return asynchronous("cuMemsetD32Async", stream, wrong, [=] { return fill(to, value, count); });
}

API cuMemsetD8Async(uintptr_t to, unsigned char value, size_t count, void *stream) {
    CALL_IN_CONTEXT("cuMemsetD8Async");
    return asynchronous("cuMemsetD8Async", stream, off_device(to, count), [=] { return fill(to, value, count); });
}

API cuMemcpyHtoD_v2(uintptr_t to, const void *from, size_t bytes) {
    CALL_IN_CONTEXT("cuMemcpyHtoD");
    NOT_IN_CAPTURE("cuMemcpyHtoD");
    count_bytes("bytes up", bytes);
    return at_once(off_device(to, bytes), [=] { return copy(pointer(to), from, bytes); });
}

API cuMemcpyDtoH_v2(void *to, uintptr_t from, size_t bytes) {
    CALL_IN_CONTEXT("cuMemcpyDtoH");
    NOT_IN_CAPTURE("cuMemcpyDtoH");
    count_bytes("bytes down", bytes);
    return at_once(off_device(from, bytes), [=] { return copy(to, pointer(from), bytes); });
}
