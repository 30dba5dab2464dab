package dev.millrace.worker.kernel.cpu;

import dev.millrace.gguf.TensorType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// [PlainProducts] in the Vector API: one token straight from the weights, several over a panel that is expanded once.
final class PlainVectorProducts implements PlainProducts {

    private static final int GROUP_BYTES = RowLayout.COLUMN_BYTES;
    private static final int VECTOR_BYTES = Lanes.COUNT * Float.BYTES;
    private static final int TILE_TOKENS = 4;

    static final int PANEL_VALUES = PANEL_COLUMNS * RowLayout.GROUP_ROWS;

    /// What a thread needs: a panel and sums of four tokens.
    static final long SCRATCH_BYTES = (long) GROUP_BYTES * (PANEL_COLUMNS + TILE_TOKENS);

    @Override
    public void multiply(CpuMatrix matrix, int group, PlainRows rows, int tokens, Scratch scratch, long sums) {
        PlainLayout layout = (PlainLayout) matrix.layout();
        float[] x = rows.values();
        int stride = matrix.columns();
        long weights = matrix.weights().address() + matrix.offset(group);
        long panel = scratch.panel().address();
        long products = panel + (long) GROUP_BYTES * PANEL_COLUMNS;
        Raw.zero(sums, (long) GROUP_BYTES * tokens);
        for (int column = 0; column < matrix.columns(); column += PANEL_COLUMNS) {
            int count = Math.min(PANEL_COLUMNS, matrix.columns() - column);
            long from = weights + layout.columnBytes() * column;
            if (tokens == 1) {
                one(layout.type(), from, count, x, column, scratch, products);
                add(products, sums, GROUP_BYTES);
                continue;
            }
            long expanded = expand(layout.type(), from, count, scratch, panel);
            int token = 0;
            for (; token + TILE_TOKENS <= tokens; token += TILE_TOKENS) {
                Tiles.four(expanded, count, x, token * stride + column, stride, products);
                add(products, sums + (long) token * GROUP_BYTES, TILE_TOKENS * GROUP_BYTES);
            }
            for (; token < tokens; token++) {
                Tiles.one(expanded, count, x, token * stride + column, products);
                add(products, sums + (long) token * GROUP_BYTES, GROUP_BYTES);
            }
        }
    }

    private static void add(long products, long sums, int bytes) {
        for (int at = 0; at < bytes; at += VECTOR_BYTES) {
            Raw.set(sums + at, Raw.floats(sums + at).add(Raw.floats(products + at)));
        }
    }

    /// Where the columns stand as floats.
    private static long expand(TensorType type, long from, int count, Scratch scratch, long panel) {
        switch (type) {
            case F16 -> {
                HalfPanel.expand(from, count * RowLayout.GROUP_ROWS, scratch.halves());
                MemorySegment.copy(
                        scratch.halves(), 0, Raw.MEMORY, CpuBuffer.FLOAT, panel, count * RowLayout.GROUP_ROWS);
            }
            case BF16 -> expandBrainFloats(from, count, panel);
            default -> {
                return from;
            }
        }
        return panel;
    }

    private static void expandBrainFloats(long from, int count, long panel) {
        for (long at = 0; at < (long) count * RowLayout.GROUP_ROWS; at += Lanes.COUNT) {
            Raw.set(panel + 4 * at, Load.brainFloats(Raw.MEMORY, from + 2 * at));
        }
    }

    private static void one(TensorType type, long from, int count, float[] x, int first, Scratch scratch, long sums) {
        switch (type) {
            case F16 -> {
                HalfPanel.expand(from, count * RowLayout.GROUP_ROWS, scratch.halves());
                HalfPanel.one(scratch.halves(), count, x, first, sums);
            }
            case BF16 -> brainFloats(from, count, x, first, sums);
            default -> Tiles.one(from, count, x, first, sums);
        }
    }

    private static void brainFloats(long weights, int count, float[] x, int first, long sums) {
        for (int row = 0; row < GROUP_BYTES; row += 4 * VECTOR_BYTES) {
            FloatVector s0 = Load.zero();
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int k = 0; k < count; k++) {
                long w = weights + row / 2 + (long) k * (GROUP_BYTES / 2);
                FloatVector value = Load.broadcast(x[first + k]);
                s0 = Load.brainFloats(Raw.MEMORY, w).fma(value, s0);
                s1 = Load.brainFloats(Raw.MEMORY, w + VECTOR_BYTES / 2).fma(value, s1);
                s2 = Load.brainFloats(Raw.MEMORY, w + VECTOR_BYTES).fma(value, s2);
                s3 = Load.brainFloats(Raw.MEMORY, w + 3 * VECTOR_BYTES / 2).fma(value, s3);
            }
            Raw.setSum(sums + row, s0);
            Raw.setSum(sums + row + VECTOR_BYTES, s1);
            Raw.setSum(sums + row + 2 * VECTOR_BYTES, s2);
            Raw.setSum(sums + row + 3 * VECTOR_BYTES, s3);
        }
    }
}
