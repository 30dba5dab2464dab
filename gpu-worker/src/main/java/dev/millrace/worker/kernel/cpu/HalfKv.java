package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.MemorySegment;

/// Keys and values as half-precision floats that are 0 or normal.
final class HalfKv implements KvFormat {

    private static final int ROW_BYTES = TOKENS * Short.BYTES;
    private static final int LANE_BYTES = Lanes.COUNT * Short.BYTES;

    private static final int EXPONENT = 0x7c00;
    private static final int SIGN = 0x8000;
    private static final int LARGEST = 0x7bff;

    @Override
    public long keyBytes(int headSize) {
        return (long) ROW_BYTES * headSize;
    }

    @Override
    public long valueBytes(int headSize) {
        return (long) ROW_BYTES * KvFormat.padded(headSize);
    }

    /// Arithmetic on subnormal numbers is slow, and an infinite value would reach tokens that may not see it: 0 times
    /// infinity is not 0.
    static short half(float value) {
        int half = Float.floatToFloat16(value);
        int exponent = half & EXPONENT;
        if (exponent == 0) {
            return 0;
        }
        return (short) (exponent == EXPONENT ? half & SIGN | LARGEST : half);
    }

    @Override
    public void storeKey(MemorySegment source, long from, int headSize, MemorySegment cache, long to, int token) {
        for (int i = 0; i < headSize; i++) {
            short key = half(source.get(CpuBuffer.FLOAT, from + 4L * i));
            cache.set(Load.SHORT, to + 2L * (i * TOKENS + token), key);
        }
    }

    @Override
    public void storeValue(MemorySegment source, long from, int headSize, MemorySegment cache, long to, int token) {
        long row = to + 2L * KvFormat.padded(headSize) * token;
        for (int i = 0; i < headSize; i++) {
            cache.set(Load.SHORT, row + 2L * i, half(source.get(CpuBuffer.FLOAT, from + 4L * i)));
        }
    }

    @Override
    public void expandKeys(MemorySegment cache, long from, int headSize, MemorySegment target, long to) {
        for (int i = 0; i < headSize; i++) {
            for (int lane = 0; lane < ROW_BYTES; lane += LANE_BYTES) {
                Load.normalHalves(cache, from + (long) ROW_BYTES * i + lane)
                        .intoMemorySegment(target, to + (long) PANEL_BYTES * i + 2L * lane, Lanes.ORDER);
            }
        }
    }

    @Override
    public void expandValues(MemorySegment cache, long from, int headSize, MemorySegment target, long to) {
        int bytes = ROW_BYTES * KvFormat.padded(headSize);
        for (int at = 0; at < bytes; at += LANE_BYTES) {
            Load.normalHalves(cache, from + at).intoMemorySegment(target, to + 2L * at, Lanes.ORDER);
        }
    }
}
