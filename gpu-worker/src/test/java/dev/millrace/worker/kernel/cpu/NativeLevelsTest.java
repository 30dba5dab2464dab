package dev.millrace.worker.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.kernel.RandomWeights;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.sample.Sampler;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The C kernels with the instructions of each level that this CPU has, not only of the highest.
class NativeLevelsTest {

    private static final int ROWS = 100;
    private static final int MOST_TOKENS = 65;
    private static final int AVX_VNNI = 2;

    private final Arena arena = Arena.ofAuto();

    @ParameterizedTest
    @EnumSource(TensorType.class)
    void every_level_gives_the_bits_of_the_vector_api(TensorType type) throws IOException {
        assumeTrue(NativeLibrary.MISSING == null, () -> "no native kernels: " + NativeLibrary.MISSING);
        for (int columns : type.blockElements() == 1 ? new int[] {1, 128, 300} : new int[] {512}) {
            CpuMatrix matrix = matrix(type, columns);
            CpuBuffer source = source(columns);
            for (int tokens : new int[] {0, 1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 16, 17, 32, 47, 48, MOST_TOKENS}) {
                Products java = new Products(new VectorProducts(), new PlainVectorProducts());
                float[] wanted = multiply(java, matrix, inputs(source, type, tokens, false), tokens, false);
                ProductInputs inputs = inputs(source, type, tokens, true);
                for (int level = 1; level <= NativeLibrary.LEVEL; level++) {
                    if (isThere(level)) {
                        Products products = new Products(new NativeProducts(level), new PlainNativeProducts(level));
                        float[] found = multiply(products, matrix, inputs, tokens, true);
                        assertThat(Arrays.mismatch(found, wanted))
                                .as("%s, %d tokens of %d", NativeLibrary.description(level), tokens, columns)
                                .isEqualTo(-1);
                    }
                }
            }
        }
    }

    /// The one level that a CPU may lack although it has a higher one.
    private static boolean isThere(int level) throws IOException {
        return level != AVX_VNNI
                || level == NativeLibrary.LEVEL
                || Files.readString(Path.of("/proc/cpuinfo")).contains("avx_vnni");
    }

    private MemorySegment take(long bytes) {
        return arena.allocate(bytes + Lanes.OVERREAD_BYTES, 64);
    }

    private CpuMatrix matrix(TensorType type, int columns) {
        RowLayout layout = RowLayout.of(type);
        MemorySegment weights = take(CpuMatrix.bytes(layout, ROWS, columns));
        CpuMatrix matrix = new CpuMatrix(type, ROWS, columns, layout, weights);
        PackTask pack = new PackTask(RandomWeights.of(type, ROWS, columns, 2), matrix);
        for (int group = 0; group < matrix.groups(); group++) {
            pack.run(group, 0);
        }
        return matrix;
    }

    private CpuBuffer source(int columns) {
        CpuBuffer source = new CpuBuffer(Rows.TOKENS, columns, take(4L * CpuBuffer.padded(columns) * MOST_TOKENS));
        Random random = new Random(3);
        for (int token = 0; token < MOST_TOKENS; token++) {
            for (int column = 0; column < columns; column++) {
                source.values().set(CpuBuffer.FLOAT, source.offset(token) + 4L * column, (float) random.nextGaussian());
            }
        }
        return source;
    }

    private ProductInputs inputs(CpuBuffer source, TensorType type, int tokens, boolean forNative) {
        boolean plain = type.blockElements() == 1;
        int columns = source.columns();
        PlainRows rows = PlainRows.allocate(tokens, plain ? columns : 0, forNative, false, this::take);
        int room = plain ? 0 : columns;
        QuantizedRows blocks = QuantizedRows.allocate(tokens, room, 1, forNative, false, this::take);
        QuantizedRows superblocks =
                QuantizedRows.allocate(tokens, room, QuantLayout.SUPERBLOCK_UNITS, forNative, false, this::take);
        if (plain) {
            for (int token = 0; token < tokens; token++) {
                rows.take(source, token);
            }
        } else {
            round(source, blocks, tokens, forNative);
            round(source, superblocks, tokens, forNative);
        }
        return new ProductInputs(rows, blocks, superblocks);
    }

    private static void round(CpuBuffer source, QuantizedRows to, int tokens, boolean forNative) {
        QuantizeTask task = new QuantizeTask(to, forNative ? new NativeElementwise(NativeLibrary.LEVEL) : null, source);
        int units = task.prepare(source, tokens);
        for (int unit = 0; unit < units; unit++) {
            task.run(unit, 0);
        }
    }

    private float[] multiply(Products products, CpuMatrix matrix, ProductInputs inputs, int tokens, boolean forNative) {
        MemorySegment sums = take(Scratch.sumsBytes(tokens));
        Scratch scratch = new Scratch(
                take(Scratch.panelBytes(forNative)),
                new float[PlainVectorProducts.PANEL_VALUES],
                sums,
                MemorySegment.NULL,
                take(Scratch.sumsBytes(tokens)),
                MemorySegment.NULL,
                MemorySegment.NULL,
                new Sampler(0));
        int count = tokens * RowLayout.GROUP_ROWS;
        float[] all = new float[matrix.groups() * count];
        for (int group = 0; group < matrix.groups(); group++) {
            products.multiply(matrix, group, inputs, tokens, scratch, sums.address());
            MemorySegment.copy(sums, CpuBuffer.FLOAT, 0, all, group * count, count);
        }
        return all;
    }
}
