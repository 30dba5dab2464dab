// What becomes of the heads of a step between the products and attention, each by itself: queries [T, heads * D] and
// keys [T, KV heads * D] are normalised over a head where there are weights, and turned where there is a table of angles
// (rope.cu), both in place; keys and values go to their slots of a layer's KV cache (kv.cuh) where there is a layer. A
// pair of values that turns is i and i + pairs of a head (halves), or 2 i and 2 i + 1.
// Grid: (rows, heads + KV heads + KV heads if these are stored), blocks of 32 for up to 256 values, else of 256, as a
// norm's bits depend on that.
#include "kv.cuh"
#include "reduce.cuh"

enum { MOST_VALUES = 1024 };

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

// Heads that lie side by side.
struct Heads {
    float *values;
    const float *weight;
    int count;
};

struct Turn {
    const float2 *angles;
    int pairs;
    int halves;
};

// Root mean square norm; a thread works on its own values.
DEVICE void normalise(float *head, const float *weight, float epsilon, int headSize, float *partial) {
    float squares = 0.0f;
    for (int i = threadIdx.x; i < headSize; i += blockDim.x) {
        squares = fmaf(head[i], head[i], squares);
    }
    float mean = block_sum(squares, partial) / (float)headSize;
    float scale = 1.0f / sqrtf(mean + epsilon);
    for (int i = threadIdx.x; i < headSize; i += blockDim.x) {
        head[i] = head[i] * scale * weight[i];
    }
}

DEVICE void turn_by(float *head, const Turn &turn, int row) {
    int stride = turn.halves ? 1 : 2;
    int between = turn.halves ? turn.pairs : 1;
    for (int i = threadIdx.x; i < turn.pairs; i += blockDim.x) {
        float2 angle = turn.angles[(size_t)row * turn.pairs + i];
        float *pair = head + i * stride;
        float x = pair[0];
        float y = pair[between];
        pair[0] = x * angle.x - y * angle.y;
        pair[between] = x * angle.y + y * angle.x;
    }
}

// A head of queries or keys: in `head` and where it was.
DEVICE void make_head(float *head, const Heads &heads, int at, const Turn &turn, float epsilon, int row, int headSize) {
    SHARED(float, partial, 32);
    float *from = heads.values + ((size_t)row * heads.count + at) * headSize;
    for (int i = threadIdx.x; i < headSize; i += blockDim.x) {
        head[i] = from[i];
    }
    if (heads.weight != nullptr) {
        normalise(head, heads.weight, epsilon, headSize, partial);
    }
    __syncthreads();
    if (turn.angles != nullptr) {
        turn_by(head, turn, row);
        __syncthreads();
    }
    if (heads.weight == nullptr && turn.angles == nullptr) {
        return;
    }
    for (int i = threadIdx.x; i < headSize; i += blockDim.x) {
        from[i] = head[i];
    }
}

template <class Format>
DEVICE void make_heads(
    const int *words, const Heads &queries, const Heads &keys, const float *values, const Turn &turn, float epsilon,
    char *layer, int headSize) {
    SHARED(float, head, MOST_VALUES);
    Step step(words);
    int row = blockIdx.x;
    if (row >= step.tokens()) {
        return;
    }
    int at = blockIdx.y;
    if (at < queries.count) {
        make_head(head, queries, at, turn, epsilon, row, headSize);
        return;
    }
    at -= queries.count;
    int part = at < keys.count ? 0 : 1;
    const float *from = head;
    if (part == 0) {
        make_head(head, keys, at, turn, epsilon, row, headSize);
    } else {
        at -= keys.count;
        from = values + ((size_t)row * keys.count + at) * headSize;
    }
    if (layer != nullptr) {
        int slot = step.slot(row);
        char *block = layer + kv_offset<Format>(slot / BLOCK_TOKENS, at, part, keys.count, headSize);
        store(Format(), from, headSize, block, slot % BLOCK_TOKENS);
    }
}

#define MAKE_HEADS(name, Format)                                                                                       \
    extern "C" __global__ void __launch_bounds__(256) name(                                                            \
        const int *words, float *queries, const float *queryWeight, int queryHeads, float *keys,                       \
        const float *keyWeight, int keyHeads, const float *values, const float2 *angles, int pairs, int halves,        \
        float epsilon, char *layer, int headSize) {                                                                    \
        make_heads<Format>(                                                                                            \
            words, Heads{queries, queryWeight, queryHeads}, Heads{keys, keyWeight, keyHeads}, values,                  \
            Turn{angles, pairs, halves}, epsilon, layer, headSize);                                                    \
    }                                                                                                                  \
    EXPORT(name)

MAKE_HEADS(heads_f16, HalfKv)
MAKE_HEADS(heads_q8_0, ByteKv)
MAKE_HEADS(heads_f32, FloatKv)
