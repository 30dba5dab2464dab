// What products of 128 rows with 64 tokens at once have in shared memory: two stages of four units in turn, each copied
// while the other one is multiplied, and for K types two superblocks' scales in turn. A block has 512 threads; its warps
// take a tile row and 32 tokens each.
//
// In a stage are two pairs of units: of types with blocks two that follow each other in a slice, of K types two that
// stand side by side, half a superblock.
#pragma once
#include "slices.cuh"
#include "targets.cuh"
#include "tiles.cuh"

enum {
    PANEL_THREADS = 512,
    PANEL_TILE_ROWS = 8,
    PANEL_TOKENS = 64,
    WARP_TOKENS = 32,
    WIDE = WARP_TOKENS / MMA_TOKENS,
    // Of a stage.
    PAIRS = 2,
    UNITS = 2 * PAIRS,
    // What a unit of all tokens takes, so that copies of four units go to different banks.
    WORDS_PITCH = PANEL_TOKENS * UNIT_COLUMNS + UNIT_COLUMNS,
    // Sums of slices that wait, before the stages.
    WAITING = 3,
    WAITING_BYTES = WAITING * WIDE * 4 * PANEL_THREADS * 4
};

// A stage in shared memory: [pair][tile row] of the planes, [unit][token] of the rounded rows.
template <class Type> struct StagePlanes {
    typedef typename Type::Pair Quants;
    enum {
        HIGH = PAIRS * PANEL_TILE_ROWS * Quants::LOW_BYTES,
        WORDS = HIGH + PAIRS * PANEL_TILE_ROWS * Quants::HIGH_BYTES,
        END = WORDS + UNITS * WORDS_PITCH
    };
};

template <class Type, bool superblocks> struct Stage;
template <class Type> struct Stage<Type, false> : StagePlanes<Type> {
    enum {
        OWN_SCALES = StagePlanes<Type>::END,
        SCALES = OWN_SCALES + PAIRS * PANEL_TILE_ROWS * 2 * Type::SCALE_BYTES,
        SUMS = SCALES + UNITS * PANEL_TOKENS * 4,
        BYTES = SUMS + (Type::HAS_MINIMUMS ? UNITS * PANEL_TOKENS * 4 : 0),
        PANEL_BYTES = WAITING_BYTES + 2 * BYTES
    };
};
template <class Type> struct Stage<Type, true> : StagePlanes<Type> {
    enum {
        BYTES = StagePlanes<Type>::END,
        SCALES = PANEL_TILE_ROWS * Type::RECORD_BYTES,
        SUMS = SCALES + PANEL_TOKENS * 4,
        RECORD_BYTES = SUMS + (Type::HAS_MINIMUMS ? PANEL_TOKENS * SUPERBLOCK_UNITS * 4 : 0),
        PANEL_BYTES = WAITING_BYTES + 2 * (BYTES + RECORD_BYTES)
    };
};

// Rounded rows of a warp's tokens in shared memory.
struct PanelTokens {
    const uint8_t *words_of_rows, *scales_of_rows, *sums_of_rows;
    int first, g, t;

    DEVICE uint2 words(int n, int unit) const {
        return reinterpret_cast<const uint2 *>(
            words_of_rows + unit * WORDS_PITCH)[(first + MMA_TOKENS * n + g) * 4 + t];
    }
    DEVICE int two_tokens(int n, int unit) const { return (unit * PANEL_TOKENS + first + MMA_TOKENS * n) / 2 + t; }
    DEVICE float2 scales(int n, int unit) const {
        return reinterpret_cast<const float2 *>(scales_of_rows)[two_tokens(n, unit)];
    }
    DEVICE int2 sums(int n, int unit) const { return reinterpret_cast<const int2 *>(sums_of_rows)[two_tokens(n, unit)]; }
    // They have been split where they stand.
    DEVICE SplitSums split_sums(int n, int) const {
        const uint2 halves = reinterpret_cast<const uint2 *>(sums_of_rows)[(first + MMA_TOKENS * n + g) * 4 + t];
        return SplitSums{halves.x, halves.y};
    }
};

// Where a warp's part of a panel is.
struct WarpPlace {
    int lane, tile_row, first_token;

    DEVICE WarpPlace()
        : lane(threadIdx.x % 32), tile_row(threadIdx.x / 32 % PANEL_TILE_ROWS),
          first_token(threadIdx.x / 32 / PANEL_TILE_ROWS * WARP_TOKENS) {}
};

// A stage: of which slice, its number there and among all.
struct StageAt {
    unsigned slice, stage, serial;

    // Where slices have so many. Behind the last one is slice SLICES: where a slice has none, later ones have none.
    DEVICE StageAt after(unsigned count, unsigned following) const {
        if (stage + 1 < count) return StageAt{slice, stage + 1, serial + 1};
        return StageAt{slice + 1 < SLICES && following > 0 ? slice + 1 : static_cast<unsigned>(SLICES), 0, serial + 1};
    }
};

// What a thread copies of each stage: from a place that moves by PAIR_BYTES a pair, if its unit is there.
template <int SIZE, int PAIR_BYTES> struct Piece {
    // Beyond all units.
    enum { NO_UNIT = 1 << 30 };

    const uint8_t *from;
    int to;
    // Counted from the first of the stage.
    int unit;

    DEVICE static Piece none() { return Piece{nullptr, 0, NO_UNIT}; }

    template <bool has_missing> DEVICE void copy(uint8_t *stage, int first_pair, int units) const {
        if (unit == NO_UNIT || (has_missing && 2 * first_pair + unit >= units)) return;
        const uint8_t *const at = from + static_cast<size_t>(first_pair) * PAIR_BYTES;
        if (SIZE == 16)
            copy16_async(stage + to, at);
        else
            copy4_async(stage + to, at);
    }
};

// What a block multiplies. The last tile row and the last token stand in for those that are missing.
struct Panel {
    Weights weights;
    Rounded x;
    int first_tile_row, last_tile_row, first_token, last_token;

    DEVICE size_t tile_row(int row) const { return min(first_tile_row + row, last_tile_row); }
    DEVICE size_t first_unit(int token) const {
        return static_cast<size_t>(min(first_token + token, last_token)) * weights.units;
    }

    // Sixteen bytes of [pair][tile row] of a plane that has BYTES of a pair, its second unit from UNIT_BYTES on, and
    // `row_bytes` of a tile row. Pairs of a stage are STEP apart.
    template <int STEP, int BYTES, int UNIT_BYTES>
    DEVICE Piece<16, BYTES> of_plane(const uint8_t *plane, size_t row_bytes, int number, int to) const {
        const int pair = number / (PANEL_TILE_ROWS * BYTES / 16), row = number / (BYTES / 16) % PANEL_TILE_ROWS;
        const int at = number % (BYTES / 16) * 16;
        if (pair >= PAIRS) return Piece<16, BYTES>::none();
        return Piece<16, BYTES>{plane + tile_row(row) * row_bytes + pair * STEP * BYTES + at, to + 16 * number,
                                2 * STEP * pair + at / UNIT_BYTES};
    }

    // Half of a token's unit.
    template <int STEP> DEVICE Piece<16, 2 * UNIT_COLUMNS> of_words(int to) const {
        const int token = threadIdx.x / (2 * UNITS), own = threadIdx.x / 2 % UNITS, half = threadIdx.x % 2 * 16;
        const int unit = own / 2 * 2 * STEP + own % 2;
        return Piece<16, 2 * UNIT_COLUMNS>{
            reinterpret_cast<const uint8_t *>(x.quants) + (first_unit(token) + unit) * UNIT_COLUMNS + half,
            to + own * WORDS_PITCH + token * UNIT_COLUMNS + half, unit};
    }

    // The scale of a token's unit, or its sum where there is a place for it.
    template <int STEP, bool has_sums> DEVICE Piece<4, 8> of_values(int scales_to, int sums_to) const {
        const int number = threadIdx.x % (PANEL_TOKENS * UNITS), token = number / UNITS, own = number % UNITS;
        const int unit = own / 2 * 2 * STEP + own % 2, at = (own * PANEL_TOKENS + token) * 4;
        const size_t from = first_unit(token) + unit;
        if (threadIdx.x < PANEL_TOKENS * UNITS)
            return Piece<4, 8>{reinterpret_cast<const uint8_t *>(x.scales + from), scales_to + at, unit};
        if (!has_sums) return Piece<4, 8>::none();
        return Piece<4, 8>{reinterpret_cast<const uint8_t *>(x.sums + from), sums_to + at, unit};
    }
};

// Of the quants and the words of a stage.
template <class Type, int STEP> struct QuantPieces {
    typedef typename Type::Pair Quants;
    enum {
        LOWS = PAIRS * PANEL_TILE_ROWS * Quants::LOW_BYTES / 16 / PANEL_THREADS,
        HIGH_BYTES = Quants::HIGH_BYTES == 0 ? 16 : Quants::HIGH_BYTES
    };
    // Superblocks are whole.
    static constexpr bool has_missing = Type::IS_SUPERBLOCK == 0;
    Piece<16, Quants::LOW_BYTES> low[LOWS];
    Piece<16, HIGH_BYTES> high;
    Piece<16, 2 * UNIT_COLUMNS> words;

    DEVICE explicit QuantPieces(const Panel &panel)
        : high(Piece<16, HIGH_BYTES>::none()), words(panel.of_words<STEP>(StagePlanes<Type>::WORDS)) {
        const Weights &weights = panel.weights;
        const int thread = threadIdx.x;
#pragma unroll
        for (int i = 0; i < LOWS; i++)
            low[i] = panel.of_plane<STEP, Quants::LOW_BYTES, Quants::LOW_BYTES_OF_ONE>(
                weights.low, Quants::low_of(weights, 1, 0) - weights.low, thread + i * PANEL_THREADS, 0);
        if (Quants::HIGH_BYTES > 0)
            high = panel.of_plane<STEP, HIGH_BYTES, HIGH_BYTES>(
                weights.high, Quants::high_of(weights, 1, 0) - weights.high, thread, StagePlanes<Type>::HIGH);
    }

    DEVICE void copy(uint8_t *stage, int first_pair, int units) const {
#pragma unroll
        for (int i = 0; i < LOWS; i++) low[i].template copy<has_missing>(stage, first_pair, units);
        if (Quants::HIGH_BYTES > 0) high.template copy<has_missing>(stage, first_pair, units);
        words.template copy<has_missing>(stage, first_pair, units);
    }
};

// Of a type with blocks.
template <class Type> struct BlockStages {
    typedef Stage<Type, false> Layout;
    typedef typename Type::Pair Quants;
    enum { STEP = SLICES };
    int units;
    uint8_t *shared;
    QuantPieces<Type, STEP> quants;
    Piece<16, 2 * Type::SCALE_BYTES> own_scales;
    Piece<4, 8> values;
    WarpPlace place;

    DEVICE BlockStages(const Panel &panel, uint8_t *shared)
        : units(panel.weights.units), shared(shared), quants(panel),
          own_scales(panel.of_plane<STEP, 2 * Type::SCALE_BYTES, Type::SCALE_BYTES>(
              panel.weights.scales, static_cast<size_t>(units) * Type::SCALE_BYTES, threadIdx.x, Layout::OWN_SCALES)),
          values(panel.of_values<STEP, Type::HAS_MINIMUMS>(Layout::SCALES, Layout::SUMS)) {}

    // Of a slice.
    DEVICE unsigned count(unsigned slice) const {
        return ((units + 1u) / 2 + STEP * PAIRS - 1 - slice) / (STEP * PAIRS);
    }

    DEVICE int first_pair(const StageAt &at) const { return static_cast<int>(at.slice + STEP * PAIRS * at.stage); }

    DEVICE void copy(const StageAt &at) const {
        uint8_t *const to = shared + at.serial % 2 * Layout::BYTES;
        const int first = first_pair(at);
        quants.copy(to, first, units);
        own_scales.template copy<true>(to, first, units);
        values.template copy<true>(to, first, units);
    }

    DEVICE void multiply(const StageAt &stage, float (&total)[WIDE][4]) {
        const uint8_t *const from = shared + stage.serial % 2 * Layout::BYTES;
        const PanelTokens x = {from + Layout::WORDS, from + Layout::SCALES, from + Layout::SUMS,
                               place.first_token,    place.lane / 4,        place.lane % 4};
#pragma unroll
        for (int i = 0; i < PAIRS; i++) {
            const int there = units - 2 * (first_pair(stage) + STEP * i), at = i * PANEL_TILE_ROWS + place.tile_row;
            if (there <= 0) continue;
            const BlockTile<Type> tile(FromShared(), from + at * Quants::LOW_BYTES, from + Layout::HIGH + at * Quants::HIGH_BYTES,
                                       from + Layout::OWN_SCALES + at * 2 * Type::SCALE_BYTES, there > 1, place.lane);
#pragma unroll
            for (int odd = 0; odd < 2; odd++)
                if (odd < there) add_unit<Type>(tile, odd, x, 2 * i + odd, total);
        }
    }
};

// Of a K type: half a superblock each.
template <class Type> struct SuperblockStages {
    typedef Stage<Type, true> Layout;
    typedef typename Type::Pair Quants;
    enum { STEP = 1, PAIRS_OF_BLOCK = SUPERBLOCK_UNITS / 2, STAGES_OF_BLOCK = PAIRS_OF_BLOCK / PAIRS };
    int units;
    uint8_t *shared;
    QuantPieces<Type, STEP> quants;
    // What a thread copies of what a superblock has beside its quants: by threads scales of the weights, of x, or sums.
    const uint8_t *record_from;
    int record_to, record_step;
    WarpPlace place;
    int whole[WIDE][4];

    DEVICE SuperblockStages(const Panel &panel, uint8_t *shared)
        : units(panel.weights.units), shared(shared), quants(panel), record_from(nullptr), record_to(0), record_step(0) {
        enum { OF_ROW = Type::RECORD_BYTES / 16, SCALES = 256, SUMS = SCALES + PANEL_TOKENS, END = SUMS + 2 * PANEL_TOKENS };
        const int thread = threadIdx.x;
        if (thread < PANEL_TILE_ROWS * OF_ROW) {
            record_from = panel.weights.scales +
                          panel.tile_row(thread / OF_ROW) * (units / SUPERBLOCK_UNITS) * Type::RECORD_BYTES +
                          thread % OF_ROW * 16;
            record_to = thread * 16;
            record_step = Type::RECORD_BYTES;
        } else if (thread >= SCALES && thread < SUMS) {
            record_from = reinterpret_cast<const uint8_t *>(panel.x.scales + panel.first_unit(thread - SCALES));
            record_to = Layout::SCALES + (thread - SCALES) * 4;
            record_step = SUPERBLOCK_UNITS * 4;
        } else if (Type::HAS_MINIMUMS && thread >= SUMS && thread < END) {
            const int number = thread - SUMS;
            record_from = reinterpret_cast<const uint8_t *>(panel.x.sums + panel.first_unit(number / 2) + number % 2 * 4);
            record_to = Layout::SUMS + number * 16;
            record_step = SUPERBLOCK_UNITS * 4;
        }
    }

    DEVICE unsigned count(unsigned slice) const {
        return (static_cast<unsigned>(units) / SUPERBLOCK_UNITS + SLICES - 1 - slice) / SLICES * STAGES_OF_BLOCK;
    }

    DEVICE uint8_t *record(unsigned serial) const {
        return shared + 2 * Layout::BYTES + serial / STAGES_OF_BLOCK % 2 * Layout::RECORD_BYTES;
    }

    DEVICE void copy(const StageAt &at) const {
        const unsigned block = at.slice + SLICES * (at.stage / STAGES_OF_BLOCK), part = at.stage % STAGES_OF_BLOCK;
        quants.copy(shared + at.serial % 2 * Layout::BYTES, static_cast<int>(block * PAIRS_OF_BLOCK + part * PAIRS), units);
        if (part > 0 || record_step == 0) return;
        const uint8_t *const from = record_from + static_cast<size_t>(block) * record_step;
        uint8_t *const to = record(at.serial) + record_to;
        if (record_to >= Layout::SCALES && record_to < Layout::SUMS)
            copy4_async(to, from);
        else
            copy16_async(to, from);
    }

    DEVICE void multiply(const StageAt &stage, float (&total)[WIDE][4]) {
        const int part = static_cast<int>(stage.stage % STAGES_OF_BLOCK);
        const uint8_t *const from = shared + stage.serial % 2 * Layout::BYTES;
        uint8_t *const own = record(stage.serial);
        const PanelTokens x = {from + Layout::WORDS, own + Layout::SCALES, own + Layout::SUMS,
                               place.first_token,    place.lane / 4,       place.lane % 4};
        const SuperblockScales<Type> scales(own + place.tile_row * Type::RECORD_BYTES, place.lane);
        if (part == 0)
#pragma unroll
            for (int n = 0; n < WIDE; n++)
#pragma unroll
                for (int i = 0; i < 4; i++) whole[n][i] = 0;
#pragma unroll
        for (int i = 0; i < PAIRS; i++) {
            const int at = i * PANEL_TILE_ROWS + place.tile_row;
            const Quants quants(FromShared(), from + at * Quants::LOW_BYTES, from + Layout::HIGH + at * Quants::HIGH_BYTES, true, place.lane);
#pragma unroll
            for (int odd = 0; odd < 2; odd++)
                add_scaled<Type>(quants, scales, odd, 2 * (part * PAIRS + i) + odd, place.lane, x, 2 * i + odd, whole);
        }
        // All warps take them in the last part, which is behind a barrier.
        if (Type::HAS_MINIMUMS && part == 0 && threadIdx.x < PANEL_TOKENS * SUPERBLOCK_UNITS / 2) {
            int2 *const sums = reinterpret_cast<int2 *>(own + Layout::SUMS) + threadIdx.x;
            const SplitSums halves = split(*sums);
            *sums = make_int2(static_cast<int>(halves.low), static_cast<int>(halves.high));
        }
        if (part == STAGES_OF_BLOCK - 1) add_superblock<Type>(scales, x, 0, whole, total);
    }
};
