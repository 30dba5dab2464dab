package dev.millrace.worker.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.worker.step.KvType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NativeAttentionTest {

    private static final int BLOCKS = AttentionKernel.RUN_BLOCKS;

    /// A run from its first position on: rows of several lengths, none of them multiples of a vector's.
    @ParameterizedTest
    @EnumSource(KvType.class)
    void every_level_of_this_machine_gives_the_same_bits(KvType type) {
        assumeTrue(NativeLibrary.MISSING == null, () -> "no native kernels: " + NativeLibrary.MISSING);
        for (int headSize : new int[] {6, 33, 64, 128}) {
            for (int rows : new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 40}) {
                for (int longest : new int[] {1, 17, 64, 240, 256}) {
                    float[] wanted = states(type, headSize, rows, longest, 1);
                    for (int level = 2; level <= NativeLibrary.LEVEL; level++) {
                        assertThat(states(type, headSize, rows, longest, level))
                                .as("level %d, D %d, %d rows, %d positions", level, headSize, rows, longest)
                                .isEqualTo(wanted);
                    }
                }
            }
        }
    }

    /// Each row sees one position less than the next one, as long as there are any.
    private static float[] states(KvType type, int headSize, int rows, int longest, int level) {
        KvFormat format = KvFormat.of(type);
        Random random = new Random(headSize + rows);
        try (Arena arena = Arena.ofConfined()) {
            long bytes = CpuKvCache.bytes(1, 1, headSize, BLOCKS, format) + Lanes.OVERREAD_BYTES;
            CpuKvCache cache = new CpuKvCache(1, 1, headSize, BLOCKS, format, arena.allocate(bytes, 64));
            MemorySegment row = arena.allocate(4L * headSize + Lanes.OVERREAD_BYTES, 64);
            AttentionKernel kernel = new AttentionKernel(
                    arena.allocate(AttentionKernel.scratchBytes(headSize) + Lanes.OVERREAD_BYTES, 64), cache, level);
            for (int position = 0; position < longest; position++) {
                int block = BLOCKS - 1 - position / CpuKvCache.TOKENS;
                int place = position % CpuKvCache.TOKENS;
                fill(row, headSize, random);
                format.storeKey(row.address(), headSize, cache.keys(0, 0) + format.keyBytes(headSize) * block, place);
                fill(row, headSize, random);
                long value = cache.values(0, 0) + format.valueBytes(headSize) * block;
                format.storeValue(row.address(), headSize, value, place);
            }
            kernel.begin(cache, rows);
            for (int r = 0; r < rows; r++) {
                fill(row, headSize, random);
                kernel.query(r, row.address(), Math.max(1, longest + 1 - rows + r));
            }
            kernel.start();
            for (int block = 0; block < 2 * BLOCKS; block++) {
                kernel.block(block, BLOCKS - 1 - block % BLOCKS);
            }
            kernel.run(0, 0, 0, BLOCKS);
            long values = SoftmaxState.bytes(headSize) / Float.BYTES * rows;
            return MemorySegment.ofAddress(kernel.state(0))
                    .reinterpret(4 * values)
                    .toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    private static void fill(MemorySegment row, int headSize, Random random) {
        for (int i = 0; i < headSize; i++) {
            row.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
        }
    }
}
