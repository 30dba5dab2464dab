// Memory of devices and pinned memory.
#pragma once
#include "fake.h"

namespace fake {

constexpr size_t POISONED_BYTES = 64 << 20;
constexpr char CANARY = static_cast<char>(0xc5);

// Of much, whole pages of 2 MiB are taken.
inline size_t taken_bytes(size_t bytes) {
    const size_t unit = bytes < size_t{1} << 20 ? 256 : size_t{2} << 20;
    return (bytes + unit - 1) / unit * unit;
}

inline int allocate(Device *device, size_t bytes, uintptr_t *address) {
    const size_t page = shim::PAGE_BYTES, rounded = (bytes + 255) / 256 * 256, pages = (rounded + page - 1) / page * page;
    if (bytes == 0) return INVALID_VALUE;
    if (device->taken_bytes + device->others_bytes + taken_bytes(bytes) > device->total_bytes) return OUT_OF_MEMORY;
    char *const mapped = static_cast<char *>(
        mmap(nullptr, pages + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    if (mapped == MAP_FAILED) return OUT_OF_MEMORY;
    mprotect(mapped, page, PROT_NONE);
    mprotect(mapped + page + pages, page, PROT_NONE);
    char *const start = mapped + page + pages - rounded;
    memset(start, 0xff, std::min(bytes, POISONED_BYTES));
    memset(start + bytes, CANARY, rounded - bytes);
    device->taken_bytes += taken_bytes(bytes);
    *address = reinterpret_cast<uintptr_t>(start);
    fake().memory[*address] = {bytes, mapped, pages + 2 * page, device};
    return SUCCESS;
}

inline bool is_intact(uintptr_t address, const Memory &memory) {
    const size_t rounded = (memory.bytes + 255) / 256 * 256;
    const char *const start = reinterpret_cast<const char *>(address);
    for (size_t i = memory.bytes; i < rounded; i++)
        if (start[i] != CANARY) return false;
    return true;
}

// The bytes of memory that was written beyond its end; 0 where there is none.
inline size_t overrun(const Device *device) {
    for (const auto &[address, memory] : fake().memory)
        if (memory.device == device && !is_intact(address, memory)) return memory.bytes;
    return 0;
}

// Its addresses are not used again: whoever still has them is caught.
inline void release(std::map<uintptr_t, Memory>::iterator at) {
    at->second.device->taken_bytes -= taken_bytes(at->second.bytes);
    mmap(at->second.mapped, at->second.mapped_bytes, PROT_NONE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    fake().memory.erase(at);
}

// The device whose memory holds all of these bytes, or null.
inline Device *holder(uintptr_t address, size_t bytes) {
    auto after = fake().memory.upper_bound(address);
    if (after == fake().memory.begin()) return nullptr;
    --after;
    return address + bytes <= after->first + after->second.bytes ? after->second.device : nullptr;
}

inline bool is_pinned(const void *at, size_t bytes) {
    const uintptr_t address = reinterpret_cast<uintptr_t>(at);
    auto after = fake().pinned.upper_bound(address);
    if (after == fake().pinned.begin()) return false;
    --after;
    return address + bytes <= after->first + after->second;
}
}  // namespace fake
