package dev.millrace.cli.bench.synth;

import dev.millrace.gguf.TensorType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Random;

/// Quantised random weights by the gigabyte: a pool of normally distributed numbers is quantised once, and tensors are
/// put together from pieces of it in random order. Rows differ, but pieces come back; that is good for measuring, and
/// no model.
final class RandomBlocks {
    private static final int POOL_ELEMENTS = 1 << 19;
    private static final int BUFFER_BYTES = 1 << 20;
    /// Smaller pieces would take longer to put together.
    private static final int SMALLEST_PIECE_ELEMENTS = 32;

    private final byte[] pool;
    private final int pieceElements;
    private final int pieceBytes;

    private RandomBlocks(byte[] pool, int pieceElements, int pieceBytes) {
        this.pool = pool;
        this.pieceElements = pieceElements;
        this.pieceBytes = pieceBytes;
    }

    /// Numbers with the standard deviation `size`.
    static RandomBlocks of(TensorType type, float size, long seed) {
        Random random = new Random(seed);
        float[] numbers = new float[POOL_ELEMENTS];
        for (int index = 0; index < POOL_ELEMENTS; index++) {
            numbers[index] = size * (float) random.nextGaussian();
        }
        byte[] pool = new byte[(int) type.rowBytes(POOL_ELEMENTS)];
        type.quantize(numbers, 0, POOL_ELEMENTS, MemorySegment.ofArray(pool), 0);
        int piece = Math.max(SMALLEST_PIECE_ELEMENTS, type.blockElements());
        return new RandomBlocks(pool, piece, (int) type.rowBytes(piece));
    }

    /// Writes `elements`, a whole number of pieces, in an order that `seed` gives.
    void write(WritableByteChannel out, long elements, long seed) throws IOException {
        int pieces = pool.length / pieceBytes;
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES / pieceBytes * pieceBytes);
        long state = seed;
        for (long left = elements / pieceElements; left > 0; left--) {
            state += 0x9E3779B97F4A7C15L;
            int piece = (int) Math.unsignedMultiplyHigh(mix(state), pieces);
            buffer.put(pool, piece * pieceBytes, pieceBytes);
            if (left == 1 || !buffer.hasRemaining()) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    out.write(buffer);
                }
                buffer.clear();
            }
        }
    }

    /// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
    private static long mix(long state) {
        long value = (state ^ state >>> 30) * 0xBF58476D1CE4E5B9L;
        value = (value ^ value >>> 27) * 0x94D049BB133111EBL;
        return value ^ value >>> 31;
    }
}
