// Streams are queues that run when somebody waits for them: what is read without waiting is stale. `eager` runs at once.
#pragma once
#include "fake_memory.h"
#include <sys/syscall.h>
#include <unistd.h>

namespace fake {

inline unsigned long thread_number() { return static_cast<unsigned long>(syscall(SYS_gettid)); }

inline int run_first(Stream *stream) {
    if (stream->device->sticky) {
        stream->queue.clear();
        return stream->device->sticky;
    }
    const Work work = std::move(stream->queue.front());
    stream->queue.pop_front();
    const int code = work();
    if (code) stream->device->sticky = code;
    return code;
}

inline int drain(Stream *stream) {
    while (!stream->queue.empty())
        if (const int code = run_first(stream)) return code;
    return stream->device->sticky;
}

// All that was asked of a device before now.
inline int drain(Device *device) {
    for (Stream *stream : fake().streams)
        if (stream->device == device) drain(stream);
    return device->sticky;
}

// An event of an epoch before was recorded again: its old record is over, too.
inline int drain_until(Event *event, uint64_t record) {
    while (event->over < record && event->stream && !event->stream->queue.empty())
        if (const int code = run_first(event->stream)) return code;
    return SUCCESS;
}

inline int put(Stream *stream, Work work) {
    if (stream->capture) {
        if (stream->invalidated) return CAPTURE_INVALIDATED;
        stream->capture->work.push_back(std::move(work));
        return SUCCESS;
    }
    stream->queue.push_back(std::move(work));
    return fake().eager ? drain(stream) : SUCCESS;
}

// Calls that a capture does not survive: waiting, and whatever changes memory or modules.
inline int not_in_capture(const char *call) {
    const unsigned long thread = thread_number();
    for (Stream *stream : fake().streams)
        if (stream->capture && stream->capturing_thread == thread) {
            stream->invalidated = true;
            return fake().say(CAPTURE_UNSUPPORTED, std::string(call) + " while a stream is being captured");
        }
    return SUCCESS;
}
}  // namespace fake
