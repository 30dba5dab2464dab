// Streams, events, captures and graphs of the fake driver.
#include "fake_call.h"

using namespace fake;

#define STREAM(name, handle)                 \
    Stream *const stream = stream_of(handle); \
    if (!stream) return fake::fake().say(INVALID_HANDLE, name " with a stream that is none")

#define EVENT(name, handle)                             \
    Event *const event = static_cast<Event *>(handle); \
    if (!fake::fake().events.count(event)) return fake::fake().say(INVALID_HANDLE, name " with an event that is none")

API cuStreamCreate(void **handle, unsigned) {
    CALL_IN_CONTEXT("cuStreamCreate");
    Stream *const stream = new Stream;
    stream->device = current;
    fake::fake().streams.insert(stream);
    *handle = stream;
    return SUCCESS;
}

API cuStreamDestroy_v2(void *handle) {
    CALL_TO_RELEASE("cuStreamDestroy");
    STREAM("cuStreamDestroy", handle);
    drain(stream);
    for (const std::set<Event *> *events : {&fake::fake().events, &fake::fake().ended_events})
        for (Event *event : *events)
            if (event->stream == stream) event->stream = nullptr;
    delete stream->capture;
    fake::fake().streams.erase(stream);
    delete stream;
    return current->sticky;
}

API cuStreamSynchronize(void *handle) {
    CALL_IN_CONTEXT("cuStreamSynchronize");
    NOT_IN_CAPTURE("cuStreamSynchronize");
    STREAM("cuStreamSynchronize", handle);
    return drain(stream);
}

// Looking moves a stream on by one piece of work, so that whoever looks again and again sees it end.
API cuStreamQuery(void *handle) {
    CALL_IN_CONTEXT("cuStreamQuery");
    NOT_IN_CAPTURE("cuStreamQuery");
    STREAM("cuStreamQuery", handle);
    if (!stream->queue.empty())
        if (const int code = run_first(stream)) return code;
    return stream->queue.empty() ? SUCCESS : NOT_READY;
}

API cuStreamWaitEvent(void *handle, void *event_handle, unsigned) {
    CALL_IN_CONTEXT("cuStreamWaitEvent");
    STREAM("cuStreamWaitEvent", handle);
    EVENT("cuStreamWaitEvent", event_handle);
    if (stream->capture) return CAPTURE_ISOLATION;
    const uint64_t record = event->recorded;
    return put(stream, [=] { return drain_until(event, record); });
}

API cuEventCreate(void **handle, unsigned flags) {
    CALL_IN_CONTEXT("cuEventCreate");
    Event *const event = new Event;
    event->device = current;
    event->timing = !(flags & 2);
    fake::fake().events.insert(event);
    *handle = event;
    return SUCCESS;
}

API cuEventDestroy_v2(void *handle) {
    CALL_TO_RELEASE("cuEventDestroy");
    EVENT("cuEventDestroy", handle);
    fake::fake().events.erase(event);
    fake::fake().ended_events.insert(event);
    return current->sticky;
}

API cuEventRecord(void *handle, void *stream_handle) {
    CALL_IN_CONTEXT("cuEventRecord");
    EVENT("cuEventRecord", handle);
    STREAM("cuEventRecord", stream_handle);
    if (stream->capture) return put(stream, [] { return SUCCESS; });
    event->stream = stream;
    const uint64_t record = ++event->recorded;
    return put(stream, [=] {
        event->over = record;
        event->time = std::chrono::steady_clock::now();
        return SUCCESS;
    });
}

API cuEventQuery(void *handle) {
    CALL_IN_CONTEXT("cuEventQuery");
    NOT_IN_CAPTURE("cuEventQuery");
    EVENT("cuEventQuery", handle);
    if (event->over < event->recorded && event->stream && !event->stream->queue.empty())
        if (const int code = run_first(event->stream)) return code;
    return event->over < event->recorded ? NOT_READY : SUCCESS;
}

API cuEventSynchronize(void *handle) {
    CALL_IN_CONTEXT("cuEventSynchronize");
    NOT_IN_CAPTURE("cuEventSynchronize");
    EVENT("cuEventSynchronize", handle);
    return drain_until(event, event->recorded);
}

API cuEventElapsedTime(float *millis, void *start, void *end) {
    CALL_IN_CONTEXT("cuEventElapsedTime");
    const Event *const from = static_cast<Event *>(start), *const to = static_cast<Event *>(end);
    if (!from->timing || !to->timing || from->recorded == 0 || to->recorded == 0) return INVALID_HANDLE;
    if (from->over < from->recorded || to->over < to->recorded) return NOT_READY;
    *millis = std::chrono::duration<float, std::milli>(to->time - from->time).count();
    return SUCCESS;
}

API cuStreamBeginCapture_v2(void *handle, int) {
    CALL_IN_CONTEXT("cuStreamBeginCapture");
    STREAM("cuStreamBeginCapture", handle);
    if (stream == current->null_stream || stream->capture) return CAPTURE_UNSUPPORTED;
    stream->capture = new Graph{{}, current};
    stream->invalidated = false;
    stream->capturing_thread = thread_number();
    return SUCCESS;
}

API cuStreamEndCapture(void *handle, void **graph) {
    CALL_IN_CONTEXT("cuStreamEndCapture");
    STREAM("cuStreamEndCapture", handle);
    if (!stream->capture) return INVALID_VALUE;
    if (stream->capturing_thread != thread_number()) return CAPTURE_WRONG_THREAD;
    Graph *const captured = stream->capture;
    stream->capture = nullptr;
    *graph = nullptr;
    if (stream->invalidated) {
        delete captured;
        return CAPTURE_INVALIDATED;
    }
    fake::fake().graphs.insert(captured);
    *graph = captured;
    return SUCCESS;
}

API cuGraphInstantiateWithFlags(void **executable, void *graph, unsigned long long) {
    CALL_IN_CONTEXT("cuGraphInstantiate");
    NOT_IN_CAPTURE("cuGraphInstantiate");
    if (!fake::fake().graphs.count(static_cast<Graph *>(graph))) return INVALID_HANDLE;
    Graph *const made = new Graph(*static_cast<Graph *>(graph));
    fake::fake().executables.insert(made);
    *executable = made;
    return SUCCESS;
}

API cuGraphLaunch(void *executable, void *handle) {
    CALL_IN_CONTEXT("cuGraphLaunch");
    STREAM("cuGraphLaunch", handle);
    Graph *const graph = static_cast<Graph *>(executable);
    if (!fake::fake().executables.count(graph)) return INVALID_HANDLE;
    if (stream->capture) return CAPTURE_UNSUPPORTED;
    for (const Work &work : graph->work)
        if (const int code = put(stream, work)) return code;
    return SUCCESS;
}

API cuGraphDestroy(void *graph) {
    CALL_TO_RELEASE("cuGraphDestroy");
    if (fake::fake().graphs.erase(static_cast<Graph *>(graph)) == 0) return INVALID_HANDLE;
    delete static_cast<Graph *>(graph);
    return current->sticky;
}

API cuGraphExecDestroy(void *executable) {
    CALL_TO_RELEASE("cuGraphExecDestroy");
    if (fake::fake().executables.erase(static_cast<Graph *>(executable)) == 0) return INVALID_HANDLE;
    delete static_cast<Graph *>(executable);
    return current->sticky;
}
