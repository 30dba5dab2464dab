// Blocks as they stand in GGUF files, decoded plainly: what kernels are checked against. See TensorType.java.
#pragma once
#include "shim_test.h"

namespace blocks {

enum Type { F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K, TYPES };

struct Shape {
    const char *name;
    int columns, bytes;
};

inline const Shape &shape(Type type) {
    static const Shape shapes[TYPES] = {{"f32", 1, 4},    {"f16", 1, 2},    {"bf16", 1, 2},     {"q8_0", 32, 34},
                                        {"q4_0", 32, 18}, {"q4_1", 32, 20}, {"q5_0", 32, 22},   {"q5_1", 32, 24},
                                        {"q4_k", 256, 144}, {"q5_k", 256, 176}, {"q6_k", 256, 210}};
    return shapes[type];
}

inline bool is_plain(Type type) { return shape(type).columns == 1; }
inline bool is_k(Type type) { return shape(type).columns == 256; }
inline size_t row_bytes(Type type, int columns) {
    return static_cast<size_t>(columns / shape(type).columns) * shape(type).bytes;
}

inline float half_at(const uint8_t *at) {
    half value;
    memcpy(&value, at, 2);
    return __half2float(value);
}
inline void put_half(uint8_t *at, float value) {
    const half bits = __float2half(value);
    memcpy(at, &bits, 2);
}

// Any bytes, scales of a sensible size; some of them none at all.
inline std::vector<uint8_t> random(Type type, int rows, int columns) {
    std::vector<uint8_t> bytes(rows * row_bytes(type, columns));
    for (uint8_t &byte : bytes) byte = static_cast<uint8_t>(testing::whole(0, 255));
    const int size = shape(type).bytes;
    for (size_t at = 0; at < bytes.size(); at += size) {
        const float scale = testing::whole(0, 9) == 0 ? 0.0f : testing::normal(1, 0.02f)[0];
        const float minimum = testing::normal(1, 0.02f)[0];
        uint8_t *block = bytes.data() + at;
        switch (type) {
            case F32: memcpy(block, &scale, 4); break;
            case F16: put_half(block, scale); break;
            case BF16: memcpy(block, reinterpret_cast<const uint8_t *>(&scale) + 2, 2); break;
            case Q8_0: case Q4_0: case Q5_0: put_half(block, scale); break;
            case Q6_K: put_half(block + 208, scale / 32); break;
            default:
                put_half(block, is_k(type) ? scale / 32 : scale);
                put_half(block + 2, is_k(type) ? minimum / 32 : minimum);
        }
    }
    return bytes;
}

inline int nibble(const uint8_t *at, bool upper) { return upper ? *at >> 4 : *at & 15; }
inline int bit(const uint8_t *at, int i) { return at[i / 8] >> i % 8 & 1; }

// Scale and minimum of a group of 32 in K types.
inline int group_scale(const uint8_t *packed, int group) {
    return group < 4 ? packed[group] & 63 : (packed[group + 4] & 15) | packed[group - 4] >> 6 << 4;
}
inline int group_minimum(const uint8_t *packed, int group) {
    return group < 4 ? packed[group + 4] & 63 : packed[group + 4] >> 4 | packed[group] >> 6 << 4;
}

// Column `column` of the block at `block`.
inline float decode(Type type, const uint8_t *block, int column) {
    const int i = column % 16;
    const bool upper = column >= 16;
    switch (type) {
        case F32: { float value; memcpy(&value, block, 4); return value; }
        case F16: return half_at(block);
        case BF16: { uint16_t bits; memcpy(&bits, block, 2); return __uint_as_float(static_cast<uint32_t>(bits) << 16); }
        case Q8_0: return half_at(block) * static_cast<int8_t>(block[2 + column]);
        case Q4_0: return half_at(block) * (nibble(block + 2 + i, upper) - 8);
        case Q4_1: return half_at(block) * nibble(block + 4 + i, upper) + half_at(block + 2);
        case Q5_0: return half_at(block) * ((nibble(block + 6 + i, upper) | bit(block + 2, column) << 4) - 16);
        case Q5_1: return half_at(block) * (nibble(block + 8 + i, upper) | bit(block + 4, column) << 4) + half_at(block + 2);
        case Q6_K: {
            const int side = column / 128, run = column % 128 / 32, index = column % 32;
            const int low = nibble(block + side * 64 + run % 2 * 32 + index, run / 2 == 1);
            const int high = block[128 + side * 32 + index] >> 2 * run & 3;
            return half_at(block + 208) * static_cast<int8_t>(block[192 + column / 16]) * ((low | high << 4) - 32);
        }
        default: {
            const int group = column / 32, index = column % 32;
            const int low = nibble(block + (type == Q5_K ? 48 : 16) + group / 2 * 32 + index, group % 2 == 1);
            const int quant = type == Q5_K ? low | (block[16 + index] >> group & 1) << 4 : low;
            const float minimum = half_at(block + 2) * group_minimum(block + 4, group);
            return half_at(block) * group_scale(block + 4, group) * quant - minimum;
        }
    }
}

// All values of `rows` rows.
inline std::vector<float> decode_all(Type type, const std::vector<uint8_t> &bytes) {
    std::vector<float> values;
    for (size_t at = 0; at < bytes.size(); at += shape(type).bytes)
        for (int column = 0; column < shape(type).columns; column++)
            values.push_back(decode(type, bytes.data() + at, column));
    return values;
}
}  // namespace blocks
