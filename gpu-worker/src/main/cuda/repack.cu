// Brings rows of a matrix from the order of a file into that of units.cuh: `raw` holds the rows from `first_row` on, a
// multiple of 16, `rows` of them, without gaps. Where rows of the last tile are missing, they become 0.
// Grid (ceil(rows / 16), ceil(units / 2)), blocks of one warp: two tiles side by side.
#include "blocks.cuh"

namespace {

struct Raw {
    const uint8_t *bytes;
    int first_row, rows, columns;

    DEVICE int units() const { return (columns + UNIT_COLUMNS - 1) / UNIT_COLUMNS; }
    DEVICE size_t tile_row() const { return first_row / TILE_ROWS + static_cast<int>(blockIdx.x); }
    // Of those that are here.
    DEVICE int row(int row_of_tile) const { return static_cast<int>(blockIdx.x) * TILE_ROWS + row_of_tile; }

    // The block that has a unit of a row.
    template <class Type> DEVICE const uint8_t *block(int row, int unit) const {
        const size_t blocks = units() / Type::BLOCK_UNITS;
        return bytes + (row * blocks + unit / Type::BLOCK_UNITS) * Type::BLOCK_BYTES;
    }
};

struct Planes {
    uint8_t *low, *high, *scales;
};

// Word i of a lane: four quants, a byte each.
template <class Type> DEVICE uint32_t quant_word(const Raw &raw, int unit, int i, int lane) {
    const int row = raw.row(lane / 4 + i % 2 * 8);
    if (row >= raw.rows || unit >= raw.units()) return 0;
    const uint8_t *block = raw.block<Type>(row, unit);
    uint32_t word = 0;
    for (int b = 0; b < 4; b++)
        word |= static_cast<uint32_t>(Type::quant(block, unit % Type::BLOCK_UNITS, i / 2 * 16 + lane % 4 * 4 + b)) << 8 * b;
    return word;
}

template <class Type> DEVICE void repack_quants(const Raw &raw, const Planes &to, int pair, int lane) {
    const int units = raw.units();
    if (Type::LOW_BITS == 8) {
        for (int unit = 2 * pair; unit < min(2 * pair + 2, units); unit++)
            reinterpret_cast<uint4 *>(to.low)[(raw.tile_row() * units + unit) * 32 + lane] =
                make_uint4(quant_word<Type>(raw, unit, 0, lane), quant_word<Type>(raw, unit, 1, lane),
                           quant_word<Type>(raw, unit, 2, lane), quant_word<Type>(raw, unit, 3, lane));
        return;
    }
    uint32_t low[4], fifths = 0, upper[2] = {0, 0};
#pragma unroll
    for (int i = 0; i < 4; i++) {
        const uint32_t first = quant_word<Type>(raw, 2 * pair, i, lane), second = quant_word<Type>(raw, 2 * pair + 1, i, lane);
        low[i] = (first & 0x0f0f0f0fu) | (second & 0x0f0f0f0fu) << 4;
        fifths |= (first >> 4 & 0x01010101u) << i | (second >> 4 & 0x01010101u) << (4 + i);
        upper[0] |= (first >> 4 & 0x03030303u) << 2 * i;
        upper[1] |= (second >> 4 & 0x03030303u) << 2 * i;
    }
    const size_t at = (raw.tile_row() * ((units + 1) / 2) + pair) * 32 + lane;
    reinterpret_cast<uint4 *>(to.low)[at] = make_uint4(low[0], low[1], low[2], low[3]);
    if (Type::UPPER_BITS == 1) reinterpret_cast<uint32_t *>(to.high)[at] = fifths;
    if (Type::UPPER_BITS == 2) reinterpret_cast<uint2 *>(to.high)[at] = make_uint2(upper[0], upper[1]);
}

// The halves that a block begins with (or has at `from`), of row `lane % 16`, at the place of that row in a tile.
template <class Type> DEVICE void put_halves(const uint8_t *from, bool there, uint8_t *tile, int lane) {
    uint16_t *to = reinterpret_cast<uint16_t *>(tile) + (lane % 8 * 2 + lane / 8) * Type::HALVES;
    for (int i = 0; i < Type::HALVES; i++) to[i] = static_cast<uint16_t>(there ? raw_half(from + 2 * i) : 0);
}

template <class Type> DEVICE void repack_block_scales(const Raw &raw, const Planes &to, int pair, int lane) {
    const int unit = 2 * pair + lane / 16, row = raw.row(lane % 16);
    if (unit >= raw.units()) return;
    const bool there = row < raw.rows;
    uint8_t *tile = to.scales + (raw.tile_row() * raw.units() + unit) * (TILE_ROWS * 2 * Type::HALVES);
    put_halves<Type>(there ? raw.block<Type>(row, unit) : nullptr, there, tile, lane % 16);
}

template <class Type> DEVICE void repack_superblock_scales(const Raw &raw, const Planes &to, int pair, int lane) {
    enum { HEADER_BYTES = TILE_ROWS * 2 * Type::HALVES, RECORD_BYTES = HEADER_BYTES + 256 };
    const int unit = 2 * pair + lane / 16, row = raw.row(lane % 16), g = lane % 8, upper = lane % 16 / 8;
    const bool there = row < raw.rows;
    const uint8_t *block = there ? raw.block<Type>(row, unit) : nullptr;
    uint8_t *record = to.scales + (raw.tile_row() * (raw.units() / SUPERBLOCK_UNITS) + unit / SUPERBLOCK_UNITS) * RECORD_BYTES;
    if (unit % SUPERBLOCK_UNITS == 0) put_halves<Type>(there ? Type::scale_halves(block) : nullptr, there, record, lane % 16);
    uint16_t *own = reinterpret_cast<uint16_t *>(record + HEADER_BYTES);
    own[(g * SUPERBLOCK_UNITS + unit % SUPERBLOCK_UNITS) * 2 + upper] =
        static_cast<uint16_t>(there ? Type::unit_scales(block, unit % SUPERBLOCK_UNITS) : 0);
}

template <class Type> DEVICE void repack_quantized(const Raw &raw, const Planes &to) {
    const int pair = blockIdx.y, lane = threadIdx.x;
    repack_quants<Type>(raw, to, pair, lane);
    if constexpr (Type::BLOCK_UNITS == 1)
        repack_block_scales<Type>(raw, to, pair, lane);
    else
        repack_superblock_scales<Type>(raw, to, pair, lane);
}

// Four values of a row from `column` on, 0 where there are none.
template <class Bits> DEVICE void plain_word(const Raw &raw, int row, int column, Bits four[4]) {
    const Bits *from = reinterpret_cast<const Bits *>(raw.bytes) + static_cast<size_t>(row) * raw.columns + column;
    for (int i = 0; i < 4; i++) four[i] = row < raw.rows && column + i < raw.columns ? from[i] : 0;
}

template <class Bits> DEVICE void repack_plain(const Raw &raw, const Planes &to) {
    const int lane = threadIdx.x;
    for (int unit = 2 * blockIdx.y; unit < min(2 * static_cast<int>(blockIdx.y) + 2, raw.units()); unit++) {
        Bits *tile = reinterpret_cast<Bits *>(to.low) + (raw.tile_row() * raw.units() + unit) * TILE_ROWS * UNIT_COLUMNS;
        for (int i = 0; i < 4; i++) {
            // 16 bytes are one word of f32 or two of f16.
            Bits *word = sizeof(Bits) == 4 ? tile + (i * 32 + lane) * 4 : tile + (i / 2 * 32 + lane) * 8 + i % 2 * 4;
            plain_word(raw, raw.row(lane / 4 + i % 2 * 8), unit * UNIT_COLUMNS + i / 2 * 16 + lane % 4 * 4, word);
        }
    }
}
}  // namespace

#define REPACK(name, function)                                                                                       \
    extern "C" __global__ void __launch_bounds__(32) repack_##name(const uint8_t *raw, uint8_t *low, uint8_t *high,  \
                                                                   uint8_t *scales, int first_row, int rows,         \
                                                                   int columns) {                                    \
        function(Raw{raw, first_row, rows, columns}, Planes{low, high, scales});                                     \
    }                                                                                                                \
    EXPORT(repack_##name)

REPACK(q8_0, repack_quantized<RawQ8_0>)
REPACK(q4_0, repack_quantized<RawQ4_0>)
REPACK(q4_1, repack_quantized<RawQ4_1>)
REPACK(q5_0, repack_quantized<RawQ5_0>)
REPACK(q5_1, repack_quantized<RawQ5_1>)
REPACK(q4_k, repack_quantized<RawK<false>>)
REPACK(q5_k, repack_quantized<RawK<true>>)
REPACK(q6_k, repack_quantized<RawQ6_K>)
REPACK(f32, repack_plain<uint32_t>)
REPACK(f16, repack_plain<uint16_t>)
REPACK(bf16, repack_plain<uint16_t>)
