package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;

/// Keys and values as f32.
final class FloatKv implements KvFormat {

    private static final int ROW_BYTES = TOKENS * Float.BYTES;
    private static final int VECTOR_BYTES = Lanes.COUNT * Float.BYTES;

    @Override
    public long keyBytes(int headSize) {
        return (long) ROW_BYTES * headSize;
    }

    @Override
    public long valueBytes(int headSize) {
        return (long) ROW_BYTES * KvFormat.padded(headSize);
    }

    @Override
    public void storeKey(MemorySegment source, long from, int headSize, MemorySegment cache, long to, int token) {
        for (int i = 0; i < headSize; i++) {
            float key = source.get(CpuBuffer.FLOAT, from + 4L * i);
            cache.set(CpuBuffer.FLOAT, to + 4L * (i * TOKENS + token), key);
        }
    }

    @Override
    public void storeValue(MemorySegment source, long from, int headSize, MemorySegment cache, long to, int token) {
        MemorySegment.copy(
                source, from, cache, to + 4L * KvFormat.padded(headSize) * token, (long) Float.BYTES * headSize);
    }

    @Override
    public void expandKeys(MemorySegment cache, long from, int headSize, MemorySegment target, long to) {
        for (int i = 0; i < headSize; i++) {
            for (int lane = 0; lane < ROW_BYTES; lane += VECTOR_BYTES) {
                Load.floats(cache, from + (long) ROW_BYTES * i + lane)
                        .intoMemorySegment(target, to + (long) PANEL_BYTES * i + lane, Lanes.ORDER);
            }
        }
    }

    @Override
    public void expandValues(MemorySegment cache, long from, int headSize, MemorySegment target, long to) {
        MemorySegment.copy(cache, from, target, to, valueBytes(headSize));
    }
}
