package dev.millrace.worker.kernel.cpu;

/// Keys and values as half-precision floats that are 0 or normal.
final class HalfKv implements KvFormat {

    private static final int ROW_BYTES = TOKENS * Short.BYTES;
    private static final int LANE_BYTES = Lanes.COUNT * Short.BYTES;

    private static final int EXPONENT = 0x7c00;
    private static final int SIGN = 0x8000;
    private static final int LARGEST = 0x7bff;

    @Override
    public int bytes() {
        return Short.BYTES;
    }

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
    public void storeKey(long from, int headSize, long to, int token) {
        for (int i = 0; i < headSize; i++) {
            short key = half(Raw.get(from + 4L * i));
            Raw.MEMORY.set(Load.SHORT, to + 2L * (i * TOKENS + token), key);
        }
    }

    @Override
    public void storeValue(long from, int headSize, long to, int token) {
        long row = to + 2L * KvFormat.padded(headSize) * token;
        for (int i = 0; i < headSize; i++) {
            Raw.MEMORY.set(Load.SHORT, row + 2L * i, half(Raw.get(from + 4L * i)));
        }
    }

    @Override
    public void expandKeys(long from, int headSize, long to) {
        for (int i = 0; i < headSize; i++) {
            for (int lane = 0; lane < ROW_BYTES; lane += LANE_BYTES) {
                Load.normalHalves(Raw.MEMORY, from + (long) ROW_BYTES * i + lane)
                        .intoMemorySegment(Raw.MEMORY, to + (long) PANEL_BYTES * i + 2L * lane, Lanes.ORDER);
            }
        }
    }

    @Override
    public void expandValues(long from, int headSize, long to) {
        int bytes = ROW_BYTES * KvFormat.padded(headSize);
        for (int at = 0; at < bytes; at += LANE_BYTES) {
            Load.normalHalves(Raw.MEMORY, from + at).intoMemorySegment(Raw.MEMORY, to + 2L * at, Lanes.ORDER);
        }
    }
}
