package dev.millrace.worker.kernel;

import dev.millrace.gguf.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Random;

/// Tensors with random quants and scales of about one.
public final class RandomWeights {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private RandomWeights() {}

    public static MemorySegment of(TensorType type, int rows, int columns, long seed) {
        Random random = new Random(seed);
        byte[] bytes = new byte[Math.toIntExact(type.rowBytes(columns) * rows)];
        random.nextBytes(bytes);
        MemorySegment data = MemorySegment.ofArray(bytes);
        for (long block = 0; block < bytes.length; block += type.blockBytes()) {
            switch (type) {
                case F32 -> data.set(ValueLayout.JAVA_INT_UNALIGNED, block, Float.floatToRawIntBits(number(random)));
                case F16 -> half(data, block, number(random) / (random.nextInt(4) == 0 ? 100_000 : 1));
                case BF16 -> data.set(SHORT, block, (short) (Float.floatToRawIntBits(number(random)) >> 16));
                case Q4_0, Q5_0, Q8_0 -> half(data, block, number(random));
                case Q4_1, Q5_1, Q4_K, Q5_K -> {
                    half(data, block, number(random));
                    half(data, block + 2, number(random));
                }
                case Q6_K -> half(data, block + 208, number(random));
            }
        }
        return data;
    }

    private static float number(Random random) {
        return (float) random.nextGaussian();
    }

    private static void half(MemorySegment data, long offset, float value) {
        data.set(SHORT, offset, Float.floatToFloat16(value));
    }
}
