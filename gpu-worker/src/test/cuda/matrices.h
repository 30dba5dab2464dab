// Matrices on the shim's device, brought there by the kernels of repack.cu.
#pragma once
#include "raw_blocks.h"

#define REPACKED(name) \
    extern "C" void repack_##name(const uint8_t *, uint8_t *, uint8_t *, uint8_t *, int, int, int);
REPACKED(f32) REPACKED(f16) REPACKED(bf16) REPACKED(q8_0) REPACKED(q4_0) REPACKED(q4_1) REPACKED(q5_0) REPACKED(q5_1)
REPACKED(q4_k) REPACKED(q5_k) REPACKED(q6_k)
#undef REPACKED

namespace matrices {

typedef void (*Repack)(const uint8_t *, uint8_t *, uint8_t *, uint8_t *, int, int, int);

inline Repack repack_of(blocks::Type type) {
    static const Repack all[blocks::TYPES] = {repack_f32,  repack_f16,  repack_bf16, repack_q8_0, repack_q4_0, repack_q4_1,
                                              repack_q5_0, repack_q5_1, repack_q4_k, repack_q5_k, repack_q6_k};
    return all[type];
}

// Bytes of the planes; MatrixLayout.java has the same.
struct PlaneBytes {
    size_t low, high, scales;
};

inline PlaneBytes plane_bytes(blocks::Type type, int rows, int columns) {
    const size_t tile_rows = (rows + 15) / 16, units = (columns + 31) / 32, pairs = (units + 1) / 2;
    switch (type) {
        case blocks::F32: return {tile_rows * units * 2048, 0, 0};
        case blocks::F16: case blocks::BF16: return {tile_rows * units * 1024, 0, 0};
        case blocks::Q8_0: return {tile_rows * units * 512, 0, tile_rows * units * 32};
        case blocks::Q4_0: return {tile_rows * pairs * 512, 0, tile_rows * units * 32};
        case blocks::Q4_1: return {tile_rows * pairs * 512, 0, tile_rows * units * 64};
        case blocks::Q5_0: return {tile_rows * pairs * 512, tile_rows * pairs * 128, tile_rows * units * 32};
        case blocks::Q5_1: return {tile_rows * pairs * 512, tile_rows * pairs * 128, tile_rows * units * 64};
        case blocks::Q4_K: return {tile_rows * pairs * 512, 0, tile_rows * units / 8 * 320};
        case blocks::Q5_K: return {tile_rows * pairs * 512, tile_rows * pairs * 128, tile_rows * units / 8 * 320};
        default: return {tile_rows * pairs * 512, tile_rows * pairs * 256, tile_rows * units / 8 * 288};
    }
}

struct Matrix {
    blocks::Type type;
    int rows, columns;
    std::vector<float> values;
    testing::Memory<uint8_t> low, high, scales;

    // Uploads `chunk_rows` rows at a time.
    Matrix(blocks::Type type, int rows, int columns, int chunk_rows)
        : type(type), rows(rows), columns(columns), low(plane_bytes(type, rows, columns).low),
          high(plane_bytes(type, rows, columns).high), scales(plane_bytes(type, rows, columns).scales) {
        const std::vector<uint8_t> bytes = blocks::random(type, rows, columns);
        values = blocks::decode_all(type, bytes);
        const size_t row = blocks::row_bytes(type, columns);
        for (int first = 0; first < rows; first += chunk_rows) {
            const int count = std::min(chunk_rows, rows - first);
            testing::Memory<uint8_t> raw(
                std::vector<uint8_t>(bytes.begin() + first * row, bytes.begin() + (first + count) * row));
            testing::run(dim3((count + 15) / 16, (columns + 63) / 64), dim3(32), 0, repack_of(type), raw.data(), low.data(),
                         high.data(), scales.data(), first, count, columns);
        }
    }
};
}  // namespace matrices
