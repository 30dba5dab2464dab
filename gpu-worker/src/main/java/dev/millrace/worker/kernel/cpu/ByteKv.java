package dev.millrace.worker.kernel.cpu;

import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/// Keys and values as bytes; 32 neighbouring values of a head and token share a scale. The scales stand first:
/// `[D / 32][16 tokens] f16`.
final class ByteKv implements KvFormat {

    private static final int GROUP = 32;
    private static final float MOST = 127f;
    /// Past it a scale is infinite as f16.
    private static final float LARGEST_SCALE = 65504f;

    private static int groups(int headSize) {
        return Math.ceilDiv(headSize, GROUP);
    }

    private static long scaleBytes(int headSize) {
        return (long) TOKENS * Short.BYTES * groups(headSize);
    }

    @Override
    public int bytes() {
        return Byte.BYTES;
    }

    @Override
    public long keyBytes(int headSize) {
        return scaleBytes(headSize) + (long) TOKENS * headSize;
    }

    @Override
    public long valueBytes(int headSize) {
        return scaleBytes(headSize) + (long) TOKENS * KvFormat.padded(headSize);
    }

    @Override
    public void storeKey(long from, int headSize, long to, int token) {
        long bytes = to + scaleBytes(headSize) + token;
        for (int group = 0; group < groups(headSize); group++) {
            long scaleAt = to + (long) Short.BYTES * (group * TOKENS + token);
            store(from, headSize, group, scaleAt, bytes, TOKENS);
        }
    }

    @Override
    public void storeValue(long from, int headSize, long to, int token) {
        long bytes = to + scaleBytes(headSize) + (long) KvFormat.padded(headSize) * token;
        for (int group = 0; group < groups(headSize); group++) {
            long scaleAt = to + (long) Short.BYTES * (group * TOKENS + token);
            store(from, headSize, group, scaleAt, bytes, 1);
        }
    }

    private static void store(long from, int headSize, int group, long scaleAt, long bytes, int stride) {
        int end = Math.min(headSize, (group + 1) * GROUP);
        float largest = 0;
        for (int i = group * GROUP; i < end; i++) {
            float value = Math.abs(Raw.get(from + 4L * i));
            largest = value > largest ? value : largest; // what is not a number is kept as 0
        }
        float scale = Math.min(LARGEST_SCALE, largest / MOST);
        float inverse = scale == 0 ? 0 : 1 / scale;
        Raw.MEMORY.set(Load.SHORT, scaleAt, Float.floatToFloat16(scale));
        for (int i = group * GROUP; i < end; i++) {
            double quotient = Math.rint(Raw.get(from + 4L * i) * inverse);
            Raw.MEMORY.set(ValueLayout.JAVA_BYTE, bytes + (long) stride * i, (byte) Math.clamp(quotient, -MOST, MOST));
        }
    }

    @Override
    public void expandKeys(long from, int headSize, long to) {
        long bytes = from + scaleBytes(headSize);
        for (int lane = 0; lane < TOKENS; lane += Lanes.COUNT) {
            for (int group = 0; group < groups(headSize); group++) {
                FloatVector scale = Load.halves(Raw.MEMORY, from + 2L * (group * TOKENS + lane));
                int end = Math.min(headSize, (group + 1) * GROUP);
                for (int i = group * GROUP; i < end; i++) {
                    Load.bytes(Raw.MEMORY, bytes + (long) TOKENS * i + lane)
                            .mul(scale)
                            .intoMemorySegment(Raw.MEMORY, to + (long) PANEL_BYTES * i + 4L * lane, Lanes.ORDER);
                }
            }
        }
    }

    @Override
    public void expandValues(long from, int headSize, long to) {
        int groups = groups(headSize);
        int padded = KvFormat.padded(headSize);
        long bytes = from + scaleBytes(headSize);
        for (int token = 0; token < TOKENS; token++) {
            for (int group = 0; group < groups; group++) {
                float scale = Float.float16ToFloat(Raw.MEMORY.get(Load.SHORT, from + 2L * (group * TOKENS + token)));
                int end = Math.min(padded, (group + 1) * GROUP);
                for (int i = group * GROUP; i < end; i += Lanes.COUNT) {
                    long at = (long) padded * token + i;
                    Load.bytes(Raw.MEMORY, bytes + at)
                            .mul(Load.broadcast(scale))
                            .intoMemorySegment(Raw.MEMORY, to + 4L * at, Lanes.ORDER);
                }
            }
        }
    }
}
