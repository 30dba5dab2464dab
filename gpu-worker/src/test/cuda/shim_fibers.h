// Blocks one after another, a fiber for each thread of a block. A thread runs to its next meeting point (barrier, warp-wide
// call); which thread runs first is the schedule's choice, so a missing barrier gives a wrong result in at least one.
#pragma once
#include <csetjmp>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <sys/mman.h>
#include <vector>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __restrict__
#define DEVICE inline

struct dim3 {
    unsigned x, y, z;
    dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

extern "C" void shim_switch(void **save, void *load);

namespace shim {

enum Schedule { ASCENDING, DESCENDING, SHUFFLED, SCHEDULES };
enum Standing { READY, AT_WARP, AT_BARRIER, DONE };

// An asynchronous copy into shared memory, which is made at once or when it is waited for: by the schedule.
struct Copy {
    void *to;
    const void *from;
    unsigned bytes;
    int group;
};

struct Fiber {
    void *stack_top;
    char *stack;
    Standing standing;
    unsigned number;
    unsigned meetings;  // warp-wide calls so far
    int kind;           // of the warp-wide call that it stands at
    dim3 thread;
    std::vector<Copy> copies;
    int groups;
};

struct State {
    std::vector<Fiber> fibers;
    std::vector<char *> stacks;
    Fiber *current = nullptr;
    void *outside = nullptr;
    std::function<void()> body;
    dim3 block, block_size, grid_size;
    char *dynamic = nullptr;
    size_t dynamic_bytes = 0, static_bytes = 0;
    uint64_t block_serial = 0;
    char exchange[2][32][32][32];  // [meeting parity][warp][lane][bytes]
    int schedule = ASCENDING;
    uint64_t random = 1;
    long switches = 0;
    sigjmp_buf escape;
    bool running = false;
    std::string error;
    std::string left_out;
};

// One kernel at a time in the process.
inline State state;

// Ends the launch, from a kernel's thread or from between them.
[[noreturn]] inline void fail(const char *format, ...) {
    char text[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (!state.running) {
        fprintf(stderr, "shim: %s\n", text);
        abort();
    }
    char place[120];
    snprintf(place, sizeof place, " (block %u,%u,%u thread %u)", state.block.x, state.block.y, state.block.z,
             state.current ? state.current->number : 0);
    state.error = std::string(text) + place;
    siglongjmp(state.escape, 1);
}

inline void pause(Standing standing) {
    Fiber &fiber = *state.current;
    fiber.standing = standing;
    state.switches++;
    shim_switch(&fiber.stack_top, state.outside);
}

inline void begin_thread() {
    state.body();
    if (!state.current->copies.empty()) fail("asynchronous copies pending at the end of a thread");
    pause(DONE);
}

constexpr size_t STACK_BYTES = 128 << 10, PAGE_BYTES = 4096;

inline void prepare(Fiber &fiber) {
    // Stacks stay when a launch of smaller blocks comes.
    if (state.stacks.size() <= fiber.number) state.stacks.resize(fiber.number + 1);
    char *&stack = state.stacks[fiber.number];
    if (!stack) {
        void *const memory =
            mmap(nullptr, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) fail("no memory for stacks");
        stack = static_cast<char *>(memory);
        mprotect(stack, PAGE_BYTES, PROT_NONE);
    }
    fiber.stack = stack;
    void **top = reinterpret_cast<void **>(fiber.stack + STACK_BYTES - 64);
    *--top = nullptr;
    *--top = reinterpret_cast<void *>(begin_thread);
    for (int i = 0; i < 6; i++) *--top = nullptr;
    fiber.stack_top = top;
    fiber.standing = READY;
    fiber.meetings = 0;
    fiber.groups = 0;
    fiber.copies.clear();
}

inline uint64_t random_bits() {
    state.random = state.random * 6364136223846793005ull + 1442695040888963407ull;
    return state.random >> 33;
}

inline int chosen(int turn, int start, int count) {
    switch (state.schedule) {
        case DESCENDING: return count - 1 - turn;
        case SHUFFLED: return (start + turn * 7919) % count;
        default: return turn;
    }
}

// Lets a warp go on where all of its lanes stand at the same call.
inline bool release(int warp) {
    Fiber *const lanes = &state.fibers[warp * 32];
    int waiting = 0, running = 0;
    for (int i = 0; i < 32; i++) {
        waiting += lanes[i].standing == AT_WARP;
        running += lanes[i].standing == READY;
    }
    if (!waiting || running) return false;
    state.current = lanes;
    if (waiting < 32) fail("a warp-wide call that only %d of 32 lanes reach", waiting);
    for (int i = 1; i < 32; i++)
        if (lanes[i].meetings != lanes[0].meetings || lanes[i].kind != lanes[0].kind)
            fail("lanes 0 and %d of a warp stand at different warp-wide calls", i);
    for (int i = 0; i < 32; i++) lanes[i].standing = READY;
    return true;
}

// Runs the lanes of a warp that can to their next meeting point; how many threads ended, and whether any ran.
inline int run_lanes(int warp, bool &progress) {
    const int start = static_cast<int>(random_bits() % 32);
    int done = 0;
    for (int turn = 0; turn < 32; turn++) {
        Fiber &fiber = state.fibers[warp * 32 + chosen(turn, start, 32)];
        if (fiber.standing != READY) continue;
        progress = true;
        state.current = &fiber;
        shim_switch(&state.outside, fiber.stack_top);
        done += fiber.standing == DONE;
    }
    return done;
}

// Each warp runs as far ahead of the others as barriers let it, the first or the last one foremost; shuffled, warps stop
// at any meeting point.
inline void run_block() {
    const int threads = static_cast<int>(state.fibers.size()), warps = threads / 32;
    state.block_serial++;
    state.static_bytes = 0;
    for (Fiber &fiber : state.fibers) prepare(fiber);
    memset(state.dynamic, 0xff, state.dynamic_bytes);
    for (int done = 0; done < threads;) {
        bool progress = false;
        const int start = static_cast<int>(random_bits() % static_cast<uint64_t>(warps));
        for (int turn = 0; turn < warps; turn++) {
            const int warp = chosen(turn, start, warps);
            do done += run_lanes(warp, progress);
            while (release(warp) && (state.schedule != SHUFFLED || random_bits() % 2));
        }
        int waiting = 0;
        for (const Fiber &fiber : state.fibers) waiting += fiber.standing == AT_BARRIER;
        if (waiting && waiting + done == threads) {
            for (Fiber &fiber : state.fibers)
                if (fiber.standing == AT_BARRIER) fiber.standing = READY;
            progress = true;
        }
        if (!progress && done < threads) fail("a barrier that not all threads reach");
    }
}

// Runs a kernel; what went wrong, or an empty text. Shared memory ends at a page that cannot be touched.
inline std::string launch(dim3 grid, dim3 block, size_t shared_bytes, std::function<void()> body) {
    const unsigned threads = block.x * block.y * block.z;
    if (threads == 0 || threads > 1024 || threads % 32) return "a block of " + std::to_string(threads) + " threads";
    const size_t usable = (shared_bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    char *const memory =
        static_cast<char *>(mmap(nullptr, usable + PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (memory == MAP_FAILED) return "no memory for a block";
    mprotect(memory + usable, PAGE_BYTES, PROT_NONE);
    state.dynamic_bytes = (shared_bytes + 15) / 16 * 16;
    state.dynamic = memory + usable - state.dynamic_bytes;
    state.grid_size = grid;
    state.block_size = block;
    state.body = std::move(body);
    state.error.clear();
    state.fibers.resize(threads);
    for (unsigned i = 0; i < threads; i++) {
        state.fibers[i].number = i;
        state.fibers[i].thread = dim3(i % block.x, i / block.x % block.y, i / (block.x * block.y));
    }
    state.running = true;
    if (sigsetjmp(state.escape, 1) == 0) {
        for (unsigned z = 0; z < grid.z; z++)
            for (unsigned y = 0; y < grid.y; y++)
                for (unsigned x = 0; x < grid.x; x++) {
                    state.block = dim3(x, y, z);
                    run_block();
                }
    }
    state.running = false;
    state.current = nullptr;
    state.body = nullptr;
    munmap(memory, usable + PAGE_BYTES);
    return state.error;
}

constexpr size_t STATIC_SHARED_BYTES = 48 << 10;

// Static shared memory holds nothing known when a block begins: the first thread to come by poisons it (NaN).
inline void poison(void *at, size_t bytes, uint64_t &serial) {
    if (serial == state.block_serial) return;
    serial = state.block_serial;
    state.static_bytes += bytes;
    if (state.static_bytes > STATIC_SHARED_BYTES) fail("%zu bytes of static shared memory", state.static_bytes);
    memset(at, 0xff, bytes);
}
}  // namespace shim

// A test says what, and then the kernel must not be right.
#define LEFT_OUT(what) (!shim::state.left_out.empty() && shim::state.left_out == what)
#define threadIdx (shim::state.current->thread)
#define blockIdx (shim::state.block)
#define blockDim (shim::state.block_size)
#define gridDim (shim::state.grid_size)
// Aligned as its type, and no better: on the device, too, nothing more can be relied on.
#define SHARED(type, name, count)                     \
    alignas(64) static struct {                       \
        char before[alignof(type)];                   \
        type values[count];                           \
    } name##_place;                                   \
    type(&name)[count] = name##_place.values;         \
    static uint64_t name##_serial;                    \
    shim::poison(name, sizeof(name), name##_serial)
#define SHARED_DYNAMIC(type, name) type *const name = reinterpret_cast<type *>(shim::state.dynamic)

inline void __syncthreads() { shim::pause(shim::AT_BARRIER); }
