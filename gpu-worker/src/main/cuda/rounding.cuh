// Rows of f32 rounded to 8 bits in blocks of 1 or 8 units of 32 columns, the largest value of a block becoming 127, as
// QuantizeTask.java does it. A block that has a value which is not finite gets such a scale.
// quants [row][unit][32] i8, in the order in which lanes take them: byte 8t + b is column 4t + b, byte 8t + 4 + b is
// column 16 + 4t + b (B fragment of mma.m16n8k32). scales [row][unit] f32, sums [row][unit] i32 of the quants.
//
// A kernel that makes rows which are multiplied next rounds them too, in the forms that the matrices take: a warp has a
// superblock of 256 columns, and lane 4u + t of it the columns 4t.. and 16 + 4t.. of unit u, so that it reads 16 bytes
// twice and writes 8.
#pragma once
#include "quads.cuh"
#include "reduce.cuh"
#include "units.cuh"

enum { SUPERBLOCK_COLUMNS = SUPERBLOCK_UNITS * UNIT_COLUMNS };

// Where rows go in one form; without quants where no matrix takes it.
struct RoundedRows {
    int8_t *quants;
    float *scales;
    int *sums;
};

struct RoundedForms {
    RoundedRows blocks, superblocks;

    DEVICE bool wanted() const { return blocks.quants != nullptr || superblocks.quants != nullptr; }
};

#define ROUNDED_PARAMETERS                                                                              \
    int8_t *block_quants, float *block_scales, int *block_sums, int8_t *superblock_quants, float *superblock_scales, \
        int *superblock_sums
#define ROUNDED_FORMS                                                  \
    RoundedForms {                                                     \
        {block_quants, block_scales, block_sums}, {                    \
            superblock_quants, superblock_scales, superblock_sums      \
        }                                                              \
    }

// What a lane has of a superblock of a row.
struct SuperblockPlace {
    int unit, units, column;

    DEVICE SuperblockPlace(int superblock, int columns)
        : unit(superblock * SUPERBLOCK_UNITS + threadIdx.x % 32 / 4), units(columns / UNIT_COLUMNS),
          column(unit * UNIT_COLUMNS + threadIdx.x % 4 * 4) {}

    // A row may end within a superblock.
    DEVICE bool is_there() const { return unit < units; }
};

struct Eight {
    float value[8];
};

// Columns 0..3 and 16..19 from `at` on.
DEVICE Eight load_eight(const float *at) {
    const float4 low = *reinterpret_cast<const float4 *>(at), high = *reinterpret_cast<const float4 *>(at + 16);
    return Eight{{low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w}};
}

DEVICE void store_eight(float *at, const Eight &from) {
    *reinterpret_cast<float4 *>(at) = make_float4(from.value[0], from.value[1], from.value[2], from.value[3]);
    *reinterpret_cast<float4 *>(at + 16) = make_float4(from.value[4], from.value[5], from.value[6], from.value[7]);
}

// Under the scale of a block whose largest value has the bits `most`.
DEVICE void round_eight(const Eight &from, uint32_t most, const RoundedRows &to, const SuperblockPlace &place, size_t row) {
    const float scale = __uint_as_float(most) / 127.0f;
    const float inverse = scale < 0x1p-126f ? 0.0f : 1.0f / scale;
    uint32_t words[2] = {0, 0};
#pragma unroll
    for (int i = 0; i < 8; i++) {
        const float scaled = from.value[i] * inverse;
        // What is not a number becomes 0 under a scale that is none either.
        const int quant = scaled == scaled ? __float2int_rn(scaled) : 0;
        words[i / 4] |= (static_cast<uint32_t>(quant) & 0xff) << 8 * (i % 4);
    }
    int sum = __dp4a(static_cast<int>(words[0]), 0x01010101, 0);
    sum = __dp4a(static_cast<int>(words[1]), 0x01010101, sum);
    sum = quad_reduce(sum, [](int a, int b) { return a + b; });
    if (!place.is_there()) return;
    const size_t at = row * place.units + place.unit;
    const int t = threadIdx.x % 4;
    reinterpret_cast<uint2 *>(to.quants)[at * 4 + t] = make_uint2(words[0], words[1]);
    if (t == 0) {
        to.scales[at] = scale;
        to.sums[at] = sum;
    }
}

// All lanes of a warp call it, those beyond the row with zeros.
DEVICE void round_superblock(const Eight &from, const RoundedForms &forms, const SuperblockPlace &place, size_t row) {
    uint32_t most = 0;
#pragma unroll
    for (int i = 0; i < 8; i++) most = max(most, __float_as_uint(from.value[i]) & 0x7fffffffu);
    most = quad_reduce(most, [](uint32_t a, uint32_t b) { return a > b ? a : b; });
    if (forms.blocks.quants != nullptr) round_eight(from, most, forms.blocks, place, row);
    if (forms.superblocks.quants != nullptr) round_eight(from, warp_max(most), forms.superblocks, place, row);
}
