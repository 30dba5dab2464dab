// How every call of the driver begins.
#pragma once
#include "fake_stream.h"

#define API extern "C" __attribute__((visibility("default"))) int

// One call at a time; it fails where a test wants it to.
#define CALL(name)                                                  \
    const std::lock_guard<std::recursive_mutex> lock(fake::fake().mutex); \
    if (const int code = fake::fake().fault(name)) return fake::failed(code)

// A call that needs a context, and one that has not failed.
#define CALL_IN_CONTEXT(name) \
    CALL(name);               \
    if (const int code = fake::context_code(name)) return code

// A call that gives something back: it does so, and says that the context has failed.
#define CALL_TO_RELEASE(name) \
    CALL(name);               \
    if (const int code = fake::context_code(name); code && !fake::is_sticky(code)) return code

#define NOT_IN_CAPTURE(name) \
    if (const int code = fake::not_in_capture(name)) return code

namespace fake {

inline int failed(int code) {
    if (is_sticky(code) && current) current->sticky = code;
    return code;
}

inline int context_code(const char *call) {
    if (!current || current->retained == 0) return fake().say(INVALID_CONTEXT, std::string(call) + " without a context");
    current->threads.insert(thread_number());
    current->counts[call]++;
    return current->sticky;
}

inline Stream *stream_of(void *handle) {
    if (!handle) return current->null_stream;
    Stream *const stream = static_cast<Stream *>(handle);
    return fake().streams.count(stream) ? stream : nullptr;
}
}  // namespace fake
