// Puts the step's keys and values [T, KV heads * head size] into their slots of a layer's KV cache (kv.cuh). Grid:
// (rows, KV heads), blocks of 64.
#include "kv.cuh"

// Numbers that are too large become the largest one: 0 times infinity is not 0, so an infinite value would reach tokens
// that may not see it. Subnormal numbers become 0, as on the CPU, where they are slow.
DEVICE uint16_t normal_half(float value) {
    uint16_t bits = __half_as_ushort(__float2half_rn(value));
    int exponent = bits & 0x7c00;
    if (exponent == 0) {
        return 0;
    }
    return exponent == 0x7c00 ? (uint16_t)((bits & 0x8000) | 0x7bff) : bits;
}

DEVICE void store(FloatKv, const float *from, int headSize, char *block, int token) {
    int width = FloatKv::padded(headSize);
    float *to = (float *)block + (size_t)token * width;
    for (int i = threadIdx.x; i < width; i += blockDim.x) {
        to[i] = i < headSize ? from[i] : 0.0f;
    }
}

DEVICE void store(HalfKv, const float *from, int headSize, char *block, int token) {
    int width = HalfKv::padded(headSize);
    uint16_t *to = (uint16_t *)block + (size_t)token * width;
    for (int i = threadIdx.x; i < width; i += blockDim.x) {
        to[i] = i < headSize ? normal_half(from[i]) : 0;
    }
}

// A warp rounds 32 values under one scale. What is not a number becomes 0.
DEVICE void store(ByteKv, const float *from, int headSize, char *block, int token) {
    int width = ByteKv::padded(headSize);
    int8_t *to = (int8_t *)block + (size_t)token * width;
    uint16_t *scales = ByteKv::scales(block, token, headSize);
    for (int at = threadIdx.x; at < width; at += blockDim.x) {
        float value = at < headSize ? from[at] : 0.0f;
        float largest = warp_reduce(fabsf(value), [](float a, float b) { return fmaxf(a, b); });
        largest = largest == largest ? largest : 0.0f;
        float scale = fminf(65504.0f, largest / 127.0f);
        float inverse = scale == 0.0f ? 0.0f : 1.0f / scale;
        float quotient = rintf(value * inverse);
        to[at] = quotient == quotient ? (int8_t)fminf(fmaxf(quotient, -127.0f), 127.0f) : 0;
        if (at % KV_GROUP == 0) {
            scales[at / KV_GROUP] = __half_as_ushort(__float2half_rn(scale));
        }
    }
}

template <class Format>
DEVICE void store_kv(
    const int *words, const float *keys, const float *values, char *layer, int kvHeads, int headSize) {
    Step step(words);
    int row = blockIdx.x;
    if (row >= step.tokens()) {
        return;
    }
    int head = blockIdx.y;
    int block = step.slot(row) / BLOCK_TOKENS;
    int token = step.slot(row) % BLOCK_TOKENS;
    size_t from = ((size_t)row * kvHeads + head) * headSize;
    store(Format(), keys + from, headSize, layer + kv_offset<Format>(block, head, 0, kvHeads, headSize), token);
    store(Format(), values + from, headSize, layer + kv_offset<Format>(block, head, 1, kvHeads, headSize), token);
}

#define STORE_KV(name, Format)                                                                                         \
    extern "C" __global__ void __launch_bounds__(64) name(                                                             \
        const int *words, const float *keys, const float *values, char *layer, int kvHeads, int headSize) {        \
        store_kv<Format>(words, keys, values, layer, kvHeads, headSize);                                               \
    }                                                                                                                  \
    EXPORT(name)

STORE_KV(store_kv_f16, HalfKv)
STORE_KV(store_kv_q8_0, ByteKv)
STORE_KV(store_kv_f32, FloatKv)
