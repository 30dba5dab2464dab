package dev.millrace.worker.kernel.cpu;

import jdk.incubator.vector.FloatVector;

/// [QuantProducts] in the Vector API, unit by unit of 32 columns: one token straight from the quants, several over a
/// panel that is expanded once.
final class VectorProducts implements QuantProducts {

    private static final int GROUP_BYTES = RowLayout.COLUMN_BYTES;
    private static final int VECTOR_BYTES = Lanes.COUNT * Float.BYTES;
    private static final int TOKEN_STRIDE = QuantLayout.UNIT_COLUMNS;

    /// Tokens of which the tiles take four at a time, and which stand together in [QuantizedRows].
    private static final int TILE_TOKENS = 4;

    /// What a thread needs: a panel, block sums of four tokens, factors of a unit (see [UnitFactors]).
    static final long SCRATCH_BYTES =
            (long) GROUP_BYTES * QuantLayout.UNIT_COLUMNS + TILE_TOKENS * GROUP_BYTES + UnitFactors.BYTES;

    @Override
    public void multiply(CpuMatrix matrix, int group, QuantizedRows rows, int tokens, Scratch scratch, long sums) {
        QuantLayout layout = (QuantLayout) matrix.layout();
        long weights = matrix.weights().address() + matrix.offset(group);
        long panel = scratch.panel().address();
        long blocks = panel + (long) GROUP_BYTES * QuantLayout.UNIT_COLUMNS;
        long factors = blocks + TILE_TOKENS * GROUP_BYTES;
        long wholes = scratch.wholes().address();
        int units = matrix.columns() / QuantLayout.UNIT_COLUMNS;
        Raw.zero(sums, (long) GROUP_BYTES * tokens);
        for (int unit = 0; unit < units; unit++) {
            long block = layout.block(weights, unit);
            UnitFactors.fill(layout, block, layout.unit(weights, unit), factors);
            if (layout.hasUnitScales() && unit % QuantLayout.SUPERBLOCK_UNITS == 0) {
                Raw.zero(wholes, (long) GROUP_BYTES * tokens);
            }
            long to = layout.hasUnitScales() ? wholes : sums;
            long quants = layout.quants(layout.unit(weights, unit));
            if (tokens == 1 && layout.bits() == 4) {
                long place = QuantizedRows.place(0, unit, units);
                NibbleProduct.one(
                        quants, rows.pairs(), unit * NibbleProduct.UNIT_PAIRS, start(layout, rows, place), blocks);
                add(layout, rows, place, factors, 0, blocks, to);
            } else if (tokens == 1 && layout.bits() == 8) {
                long place = QuantizedRows.place(0, unit, units);
                ByteProduct.one(quants, rows.values(), first(place), start(layout, rows, place), blocks);
                add(layout, rows, place, factors, 0, blocks, to);
            } else {
                UnitExpansion.expand(layout, quants, panel);
                for (int half = 0; half < layout.halves(); half++) {
                    multiplyPanel(layout, rows, tokens, unit, units, half, panel, blocks, factors, to);
                }
            }
            if (layout.hasUnitScales() && unit % QuantLayout.SUPERBLOCK_UNITS == QuantLayout.SUPERBLOCK_UNITS - 1) {
                Superblocks.finish(layout, weights, unit, units, rows, tokens, factors, wholes, sums);
            }
        }
    }

    private static void multiplyPanel(
            QuantLayout layout,
            QuantizedRows rows,
            int tokens,
            int unit,
            int units,
            int half,
            long panel,
            long blocks,
            long factors,
            long to) {
        int columns = QuantLayout.UNIT_COLUMNS / layout.halves();
        long from = panel + (long) half * columns * GROUP_BYTES;
        int token = 0;
        for (; token + TILE_TOKENS <= tokens; token += TILE_TOKENS) {
            long place = QuantizedRows.place(token, unit, units);
            Tiles.four(from, columns, rows.values(), first(place) + half * columns, TOKEN_STRIDE, blocks);
            for (int i = 0; i < TILE_TOKENS; i++) {
                add(
                        layout,
                        rows,
                        place + i,
                        factors,
                        half,
                        blocks + (long) i * GROUP_BYTES,
                        to + (long) (token + i) * GROUP_BYTES);
            }
        }
        for (; token < tokens; token++) {
            long place = QuantizedRows.place(token, unit, units);
            Tiles.one(from, columns, rows.values(), first(place) + half * columns, blocks);
            add(layout, rows, place, factors, half, blocks, to + (long) token * GROUP_BYTES);
        }
    }

    private static int first(long place) {
        return (int) place * TOKEN_STRIDE;
    }

    /// What takes the zero point back from a sum over quants without sign.
    private static float start(QuantLayout layout, QuantizedRows rows, long place) {
        long sums = rows.sums().address() + place * 2 * Integer.BYTES;
        return -layout.zero() * (float) (Raw.bits(sums) + Raw.bits(sums + Integer.BYTES));
    }

    /// Adds sums within a unit to those of the units before, or to those of the superblock that are not scaled yet.
    private static void add(
            QuantLayout layout, QuantizedRows rows, long place, long factors, int half, long blocks, long to) {
        if (layout.hasUnitScales()) {
            Superblocks.add(blocks, factors + (long) half * GROUP_BYTES, to);
        } else {
            addScaled(layout, rows, place, factors, blocks, to);
        }
    }

    private static void addScaled(
            QuantLayout layout, QuantizedRows rows, long place, long factors, long blocks, long sums) {
        FloatVector scale = Raw.broadcast(rows.scales().address() + place * Float.BYTES);
        for (int row = 0; row < GROUP_BYTES; row += VECTOR_BYTES) {
            FloatVector both = Raw.floats(factors + row).mul(scale);
            Raw.set(sums + row, Raw.floats(blocks + row).fma(both, Raw.floats(sums + row)));
        }
        if (layout.minimum() != 0) {
            FloatVector scaledSum = Raw.broadcast(rows.scaledSums().address() + place * Float.BYTES);
            for (int row = 0; row < GROUP_BYTES; row += VECTOR_BYTES) {
                FloatVector minimum = Raw.floats(factors + UnitFactors.MINIMUMS + row);
                Raw.set(sums + row, minimum.fma(scaledSum, Raw.floats(sums + row)));
            }
        }
    }
}
