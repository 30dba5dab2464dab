package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;

/// Keys and values as f32.
final class FloatKv implements KvFormat {

    private static final int ROW_BYTES = TOKENS * Float.BYTES;
    private static final int VECTOR_BYTES = Lanes.COUNT * Float.BYTES;

    @Override
    public int bytes() {
        return Float.BYTES;
    }

    @Override
    public long keyBytes(int headSize) {
        return (long) ROW_BYTES * headSize;
    }

    @Override
    public long valueBytes(int headSize) {
        return (long) ROW_BYTES * KvFormat.padded(headSize);
    }

    @Override
    public void storeKey(long from, int headSize, long to, int token) {
        for (int i = 0; i < headSize; i++) {
            float key = Raw.get(from + 4L * i);
            Raw.set(to + 4L * (i * TOKENS + token), key);
        }
    }

    @Override
    public void storeValue(long from, int headSize, long to, int token) {
        MemorySegment.copy(
                Raw.MEMORY,
                from,
                Raw.MEMORY,
                to + 4L * KvFormat.padded(headSize) * token,
                (long) Float.BYTES * headSize);
    }

    @Override
    public void expandKeys(long from, int headSize, long to) {
        for (int i = 0; i < headSize; i++) {
            for (int lane = 0; lane < ROW_BYTES; lane += VECTOR_BYTES) {
                Raw.floats(from + (long) ROW_BYTES * i + lane)
                        .intoMemorySegment(Raw.MEMORY, to + (long) PANEL_BYTES * i + lane, Lanes.ORDER);
            }
        }
    }

    @Override
    public void expandValues(long from, int headSize, long to) {
        MemorySegment.copy(Raw.MEMORY, from, Raw.MEMORY, to, valueBytes(headSize));
    }
}
