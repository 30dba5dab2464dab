// Keys and values of a layer, kept as kv.cuh says, by plain loops.
#pragma once
#include "shim_types.h"
#include <cmath>
#include <cstring>
#include <vector>

namespace testing {

enum KvType { KV_F16, KV_Q8_0, KV_F32 };
constexpr KvType KV_TYPES[] = {KV_F16, KV_Q8_0, KV_F32};

struct PlainKv {
    KvType type;
    int heads, size;
    std::vector<char> bytes;

    PlainKv(KvType type, int heads, int size, int blocks)
        : type(type), heads(heads), size(size), bytes(blocks * heads * 2 * part_bytes(), static_cast<char>(0xff)) {}

    int width() const { return type == KV_Q8_0 ? (size + 31) / 32 * 32 : (size + 7) / 8 * 8; }
    size_t row_bytes() const { return static_cast<size_t>(width()) * (type == KV_F32 ? 4 : type == KV_F16 ? 2 : 1); }
    size_t part_bytes() const { return 16 * row_bytes() + (type == KV_Q8_0 ? 16 * 2 * (width() / 32) : 0); }
    size_t part(int slot, int head, int which) const {
        return ((static_cast<size_t>(slot / 16) * heads + head) * 2 + which) * part_bytes();
    }
    size_t row(int slot, int head, int which) const { return part(slot, head, which) + slot % 16 * row_bytes(); }
    size_t scale(int slot, int head, int which, int i) const {
        return part(slot, head, which) + 16 * row_bytes() + 2 * (slot % 16 * (width() / 32) + i / 32);
    }

    static unsigned short normal_half(float value) {
        const unsigned short bits = shim::as<unsigned short>(static_cast<_Float16>(value));
        if ((bits & 0x7c00) == 0) return 0;
        return (bits & 0x7c00) == 0x7c00 ? (bits & 0x8000) | 0x7bff : bits;
    }

    static float half_value(unsigned short bits) { return static_cast<float>(shim::as<_Float16>(bits)); }

    // Keys (0) or values (1) of a head to a slot.
    void put(int slot, int head, int which, const float *values) {
        char *to = &bytes[row(slot, head, which)];
        memset(to, 0, row_bytes());
        if (type == KV_F32) memcpy(to, values, 4 * size);
        if (type == KV_F16)
            for (int i = 0; i < size; i++) {
                const unsigned short bits = normal_half(values[i]);
                memcpy(to + 2 * i, &bits, 2);
            }
        if (type == KV_Q8_0)
            for (int group = 0; group < width(); group += 32) {
                const int end = std::min(size, group + 32);
                float largest = 0;
                for (int i = group; i < end; i++) largest = std::fabs(values[i]) > largest ? std::fabs(values[i]) : largest;
                const float factor = std::min(65504.0f, largest / 127);
                const float inverse = factor == 0 ? 0 : 1 / factor;
                const unsigned short bits = shim::as<unsigned short>(static_cast<_Float16>(factor));
                memcpy(&bytes[scale(slot, head, which, group)], &bits, 2);
                for (int i = group; i < end; i++) {
                    const float quotient = rintf(values[i] * inverse);
                    to[i] = std::isnan(quotient) ? 0 : static_cast<char>(std::max(-127.0f, std::min(127.0f, quotient)));
                }
            }
    }

    float get(int slot, int head, int which, int i) const {
        const char *from = &bytes[row(slot, head, which)];
        unsigned short bits;
        if (type == KV_F32) {
            float value;
            memcpy(&value, from + 4 * i, 4);
            return value;
        }
        if (type == KV_F16) {
            memcpy(&bits, from + 2 * i, 2);
            return half_value(bits);
        }
        memcpy(&bits, &bytes[scale(slot, head, which, i)], 2);
        return half_value(bits) * static_cast<signed char>(from[i]);
    }
};
}  // namespace testing
