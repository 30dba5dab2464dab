package dev.millrace.worker.kernel.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.sample.Sampler;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NativeElementwiseTest {

    private static final float[] ODD = {
        0f, -0f, 1e-40f, -1e-38f, 1e30f, -3e38f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY
    };

    @BeforeAll
    static void find_the_library() {
        assumeTrue(CpuKernels.whyNotNative() == null, () -> "no native kernels: " + CpuKernels.whyNotNative());
    }

    static IntStream levels() {
        return IntStream.rangeClosed(1, NativeLibrary.LEVEL);
    }

    private static MemorySegment memory(long bytes) {
        return Arena.ofAuto().allocate(bytes + Lanes.OVERREAD_BYTES, 64);
    }

    private static CpuBuffer buffer(int rows, int columns, long seed) {
        CpuBuffer buffer =
                new CpuBuffer(Rows.TOKENS, columns, memory((long) rows * CpuBuffer.padded(columns) * Float.BYTES));
        Random random = new Random(seed);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                buffer.values().set(CpuBuffer.FLOAT, buffer.offset(row) + 4L * column, (float) random.nextGaussian());
            }
        }
        return buffer;
    }

    private static QuantizedRows rounded(int rows, int columns, boolean forNative) {
        return rounded(rows, columns, 1, forNative);
    }

    private static QuantizedRows rounded(int rows, int columns, int blockUnits, boolean forNative) {
        return QuantizedRows.allocate(rows, columns, blockUnits, forNative, false, NativeElementwiseTest::memory);
    }

    private static void assertSameBits(MemorySegment found, MemorySegment wanted, long index) {
        // As an object: what is no number equals itself then.
        assertThat(found.getAtIndex(CpuBuffer.FLOAT, index))
                .isEqualTo(Float.valueOf(wanted.getAtIndex(CpuBuffer.FLOAT, index)));
    }

    private static void assertSame(QuantizedRows found, QuantizedRows wanted, int rows, int columns) {
        int units = columns / QuantLayout.UNIT_COLUMNS;
        for (int token = 0; token < rows; token++) {
            for (int unit = 0; unit < units; unit++) {
                long place = QuantizedRows.place(token, unit, units);
                assertSameBits(found.scales(), wanted.scales(), place);
                assertSameBits(found.scaledSums(), wanted.scaledSums(), place);
                for (long sum = 2 * place; sum < 2 * place + 2; sum++) {
                    assertThat(found.sums().getAtIndex(ValueLayout.JAVA_INT, sum))
                            .isEqualTo(wanted.sums().getAtIndex(ValueLayout.JAVA_INT, sum));
                }
                for (int i = 0; i < QuantLayout.UNIT_COLUMNS; i++) {
                    long at = QuantizedRows.quantsPlace(token, unit, units) + i;
                    assertThat(found.quants().get(ValueLayout.JAVA_BYTE, at))
                            .isEqualTo((byte) wanted.values()[(int) place * QuantLayout.UNIT_COLUMNS + i]);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("levels")
    void rounds_to_the_bits_of_the_vector_api(int level) {
        for (int rows : new int[] {1, 2, 15, 16, 17, 33, 64}) {
            for (int columns : new int[] {32, 96, 544, 256, 768}) {
                CpuBuffer source = buffer(rows, columns, rows);
                for (int i = 0; i < Math.min(rows, ODD.length); i++) {
                    source.values().set(CpuBuffer.FLOAT, source.offset(i) + 4L * (i * 7), ODD[i]);
                }
                for (int column = 0; column < 32; column++) {
                    source.values().set(CpuBuffer.FLOAT, source.offset(rows / 2) + 4L * column, column * 1e-37f);
                    source.values().set(CpuBuffer.FLOAT, source.offset(rows - 1) + 4L * column, column - 15.5f);
                }
                int blockUnits = columns % 256 == 0 ? QuantLayout.SUPERBLOCK_UNITS : 1;
                QuantizedRows wanted = rounded(rows, columns, blockUnits, false);
                run(new QuantizeTask(wanted, null, source), source, rows);
                QuantizedRows found = rounded(rows, columns, blockUnits, true);
                run(new QuantizeTask(found, new NativeElementwise(level), source), source, rows);
                assertSame(found, wanted, rows, columns);
            }
        }
    }

    private static void run(QuantizeTask task, CpuBuffer source, int rows) {
        int units = task.prepare(source, rows);
        for (int unit = 0; unit < units; unit++) {
            task.run(unit, 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 21, 64})
    void norms_to_the_bits_of_the_vector_api_and_rounds_what_comes_out(int rows) {
        // Instructions with as many lanes as the Vector API has here.
        NativeElementwise kernels = new NativeElementwise(Lanes.COUNT == 16 ? NativeLibrary.LEVEL : 1);
        for (int columns : new int[] {64, 96, 544, 256, 768}) {
            CpuBuffer source = buffer(rows, columns, rows);
            CpuBuffer wanted = buffer(rows, columns, 1);
            CpuBuffer found = buffer(rows, columns, 2);
            CpuVector weight = new CpuVector(columns, buffer(1, columns, 3).values());
            boolean isLong = columns % 256 == 0;
            int blockUnits = isLong ? QuantLayout.SUPERBLOCK_UNITS : 1;
            QuantizedRows roundedLater = rounded(rows, columns, blockUnits, false);
            QuantizedRows roundedAtOnce = rounded(rows, columns, blockUnits, true);
            QuantizedRows none = rounded(0, 0, true);
            PlainRows plain = PlainRows.allocate(0, 0, true, false, NativeElementwiseTest::memory);
            ProductInputs inputs =
                    new ProductInputs(plain, isLong ? none : roundedAtOnce, isLong ? roundedAtOnce : none);
            MemorySegment empty = memory(0);
            Scratch[] scratch = {
                new Scratch(memory(64), new float[0], empty, empty, empty, empty, empty, new Sampler(0))
            };
            run(new NormTask(scratch, inputs, null, source), source, weight, wanted, rows);
            run(new NormTask(scratch, inputs, kernels, source), source, weight, found, rows);
            for (long i = 0; i < (long) rows * found.stride(); i++) {
                assertSameBits(found.values(), wanted.values(), i);
            }
            run(new QuantizeTask(roundedLater, null, wanted), wanted, rows);
            assertSame(roundedAtOnce, roundedLater, rows, columns);
        }
    }

    private static void run(NormTask task, CpuBuffer source, CpuVector weight, CpuBuffer target, int rows) {
        int units = task.prepare(source, weight, 1e-6f, target, rows);
        for (int unit = 0; unit < units; unit++) {
            task.run(unit, 0);
        }
    }

    @ParameterizedTest
    @MethodSource("levels")
    void gates_to_the_bits_of_the_vector_api_and_close_to_what_is_right(int level) {
        int tokens = 21;
        CpuBuffer gates = buffer(tokens, 64, 1);
        CpuBuffer ups = buffer(tokens, 64, 2);
        for (int i = 0; i < 3 * 64; i++) {
            gates.values().setAtIndex(CpuBuffer.FLOAT, i, i - 96f);
        }
        float[] before = gates.values().asSlice(0, 4L * 64 * tokens).toArray(ValueLayout.JAVA_FLOAT);
        new NativeElementwise(level)
                .gate(
                        gates.values().address(),
                        ups.values().address(),
                        0,
                        0,
                        tokens,
                        gates.values().address(),
                        64,
                        0,
                        0,
                        0,
                        rounded(tokens, 64, true));
        for (int i = 0; i < before.length; i += Lanes.COUNT) {
            FloatVector value = FloatVector.fromArray(Lanes.FLOATS, before, i);
            FloatVector wanted = value.div(Exponential.of(value.neg()).add(1f))
                    .mul(Raw.floats(ups.values().address() + 4L * i));
            for (int lane = 0; lane < Lanes.COUNT; lane++) {
                assertThat(gates.values().getAtIndex(CpuBuffer.FLOAT, i + lane)).isEqualTo(wanted.lane(lane));
            }
        }
        for (int i = 0; i < before.length; i++) {
            double up = ups.values().getAtIndex(CpuBuffer.FLOAT, i);
            double wanted = before[i] / (1 + Math.exp(-(double) before[i])) * up;
            assertThat((double) gates.values().getAtIndex(CpuBuffer.FLOAT, i))
                    .isCloseTo(wanted, within(4e-36 + 5e-7 * Math.abs(wanted)));
        }
    }

    @ParameterizedTest
    @MethodSource("levels")
    void what_is_gated_is_rounded_in_its_place(int level) {
        NativeElementwise kernels = new NativeElementwise(level);
        for (int tokens : new int[] {1, 5, 16, 40}) {
            for (int units = 1; units <= 2; units++) {
                CpuBuffer plain = buffer(tokens, 64, tokens);
                CpuBuffer gates = buffer(tokens, 64, tokens);
                CpuBuffer ups = buffer(tokens, 64, 2);
                CpuVector bias = new CpuVector(64, buffer(1, 64, 3).values());
                long biases = CpuVector.address(bias, 0);
                QuantizedRows found = rounded(tokens, 32 * units, true);
                QuantizedRows wanted = rounded(tokens, 32 * units, false);
                long up = ups.values().address();
                kernels.gate(gates.values().address(), up, biases, biases, tokens, 0, 0, 0, units, units, found);
                long to = plain.values().address();
                kernels.gate(to, up, biases, biases, tokens, to, 64, 0, 0, units, found);
                QuantizeTask rounding = new QuantizeTask(wanted, null, plain);
                for (int token = 0; token < tokens; token++) {
                    for (int unit = 0; unit < units; unit++) {
                        long from = plain.values().address() + plain.offset(token) + 4L * 32 * unit;
                        rounding.take(from, token, unit, units, tokens == 1);
                    }
                }
                assertSame(found, wanted, tokens, 32 * units);
            }
        }
    }

    @Test
    void products_get_to_their_places_with_bias_and_sum_and_their_peaks_are_kept() {
        for (int tokens : new int[] {1, 3, 20}) {
            for (boolean adds : new boolean[] {false, true}) {
                levels().forEach(level -> finish(new NativeElementwise(level), tokens, adds, 64));
                levels().forEach(level -> finish(new NativeElementwise(level), tokens, adds, 3));
            }
        }
    }

    private static void finish(NativeElementwise kernels, int tokens, boolean adds, int columns) {
        CpuBuffer sums = buffer(tokens, 64, 1);
        CpuBuffer target = buffer(tokens, 192, 2);
        float[] before = target.values().toArray(ValueLayout.JAVA_FLOAT);
        CpuBuffer bias = buffer(1, 64, 3);
        MemorySegment peaks = memory(4L * 5 * tokens);
        long to = target.values().address() + RowLayout.COLUMN_BYTES;
        kernels.finish(
                sums.values().address(), bias.values().address(), to, 192, tokens, adds, columns, peaks.address(), 5);
        for (int token = 0; token < tokens; token++) {
            float highest = Float.NEGATIVE_INFINITY;
            for (int i = 0; i < 192; i++) {
                float wanted = before[token * 192 + i];
                if (i / 64 == 1) {
                    float sum = sums.values().getAtIndex(CpuBuffer.FLOAT, token * 64L + i - 64)
                            + bias.values().getAtIndex(CpuBuffer.FLOAT, i - 64);
                    wanted = adds ? sum + wanted : sum;
                    highest = i - 64 < columns ? Math.max(highest, wanted) : highest;
                }
                assertThat(target.values().getAtIndex(CpuBuffer.FLOAT, token * 192L + i))
                        .isEqualTo(wanted);
            }
            assertThat(peaks.getAtIndex(CpuBuffer.FLOAT, 5L * token)).isEqualTo(highest);
        }
    }
}
