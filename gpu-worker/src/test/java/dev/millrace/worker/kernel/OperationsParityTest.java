package dev.millrace.worker.kernel;

import dev.millrace.gguf.TensorType;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepInputBuilder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("device")
@ParameterizedClass
@EnumSource
class OperationsParityTest {

    private static final float TOLERANCE = 2e-6f;

    private final TestDevice device;

    OperationsParityTest(TestDevice device) {
        this.device = device;
    }

    private void assertSame(StepInput step, Rig.Program program) {
        Closeness.assertClose(Rig.on(device.open(), step, program), Rig.onReference(step, program), TOLERANCE);
    }

    @ParameterizedTest
    @EnumSource(TensorType.class)
    void embeds_exactly(TensorType type) {
        int columns = type.blockElements() == 1 ? 77 : 2 * type.blockElements();
        Rig.Program program = rig -> {
            DeviceBuffer target = rig.memory.buffer(Rows.TOKENS, columns);
            Matrix table = rig.memory.matrix(type, 300, columns, RandomWeights.of(type, 300, columns, 1));
            rig.operations().embed(table, target);
            return rig.read(target);
        };
        StepInput step = Steps.of(90);
        Closeness.assertClose(Rig.on(device.open(), step, program), Rig.onReference(step, program), 0f);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 16, 64, 300})
    void normalises_rows(int columns) {
        float[] x = Rig.random(2, 5 * columns);
        float[] weight = Rig.random(3, columns);
        assertSame(Steps.of(5), rig -> {
            DeviceBuffer source = rig.memory.buffer(Rows.TOKENS, columns);
            DeviceBuffer target = rig.memory.buffer(Rows.TOKENS, columns);
            DeviceVector weights = rig.memory.vector(weight);
            rig.fill(source, x);
            rig.operations().rmsNorm(source, weights, 1e-5f, target);
            rig.operations().rmsNorm(target, weights, 1e-5f, target);
            return rig.read(target);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 20, 64})
    void normalises_heads(int headSize) {
        float[] x = Rig.random(4, 3 * 5 * headSize);
        float[] weight = Rig.random(5, headSize);
        assertSame(Steps.of(3), rig -> {
            DeviceBuffer heads = rig.memory.buffer(Rows.TOKENS, 5 * headSize);
            DeviceVector weights = rig.memory.vector(weight);
            rig.fill(heads, x);
            rig.operations().headNorm(heads, weights, 1e-6f);
            return rig.read(heads);
        });
    }

    @ParameterizedTest
    @EnumSource(RopePairs.class)
    void rotates_the_first_values_of_each_head_by_position(RopePairs pairs) {
        float[] x = Rig.random(6, 10 * 3 * 20);
        RopeFrequencies frequencies = new RopeFrequencies(new double[] {1, 0.1, 0.01, 1e-4, 2, 3, 0.5}, 1.25f, pairs);
        StepInput step = Steps.of(new int[] {900, 0}, new int[] {6, 4});
        assertSame(step, rig -> {
            DeviceBuffer heads = rig.memory.buffer(Rows.TOKENS, 3 * 20);
            RopeTable table = rig.memory.ropeTable(frequencies);
            rig.fill(heads, x);
            rig.operations().rope(heads, 20, table);
            return rig.read(heads);
        });
    }

    @Test
    void the_gate_bears_any_value() {
        float[] x = Rig.random(7, 4 * 100);
        float[] extremes = {0f, -0f, 1e-30f, 50f, -50f, 90f, -90f, 1000f, -1000f};
        System.arraycopy(extremes, 0, x, 0, extremes.length);
        assertSame(Steps.of(4), rig -> {
            DeviceBuffer source = rig.memory.buffer(Rows.TOKENS, 100);
            DeviceBuffer target = rig.memory.buffer(Rows.TOKENS, 50);
            Gate gate = new Gate(selection(rig, 50, 100, 0), null, selection(rig, 50, 100, 50), null);
            Projection down = new Projection(selection(rig, 50, 50, 0), null, target, false);
            rig.fill(source, x);
            rig.operations().feedForward(source, gate, down);
            return rig.read(target);
        });
    }

    /// A matrix that takes the values from `first` on as they are.
    private static Matrix selection(Rig rig, int rows, int columns, int first) {
        float[] ones = new float[rows * columns];
        for (int row = 0; row < rows; row++) {
            ones[row * columns + first + row] = 1;
        }
        MemorySegment values = MemorySegment.ofArray(new byte[4 * ones.length]);
        MemorySegment.copy(ones, 0, values, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, ones.length);
        return rig.memory.matrix(TensorType.F32, rows, columns, values);
    }

    @Test
    void a_feed_forward_of_several_types_is_that_of_the_reference() {
        for (TensorType down : new TensorType[] {TensorType.Q8_0, TensorType.Q4_0, TensorType.F16, TensorType.Q6_K}) {
            int wide = down == TensorType.Q6_K ? 512 : 160;
            for (int tokens : new int[] {1, 3, 50}) {
                float[] x = Rig.random(tokens, tokens * 64);
                float[] bias = Rig.random(5, wide);
                float[] before = Rig.random(6, tokens * 70);
                Rig.Program program = rig -> {
                    DeviceBuffer source = rig.memory.buffer(Rows.TOKENS, 64);
                    DeviceBuffer target = rig.memory.buffer(Rows.TOKENS, 70);
                    Gate gate = new Gate(
                            rig.memory.matrix(TensorType.F32, wide, 64, RandomWeights.of(TensorType.F32, wide, 64, 1)),
                            rig.memory.vector(bias),
                            rig.memory.matrix(
                                    TensorType.BF16, wide, 64, RandomWeights.of(TensorType.BF16, wide, 64, 2)),
                            null);
                    Matrix last = rig.memory.matrix(down, 70, wide, RandomWeights.of(down, 70, wide, 3));
                    rig.fill(source, x);
                    rig.fill(target, before);
                    rig.operations().feedForward(source, gate, new Projection(last, null, target, true));
                    return rig.read(target);
                };
                StepInput step = Steps.of(tokens);
                // What is between is rounded to 8 bits for quantised weights.
                float tolerance = down == TensorType.F16 ? 1e-5f : 0.03f;
                float[] found = Rig.on(device.open(), step, program);
                Closeness.assertClose(found, Rig.onReference(step, program), tolerance);
            }
        }
    }

    @Test
    void a_normed_and_gated_row_gets_the_same_bits_in_every_batch() {
        int columns = 96;
        float[] x = Rig.random(8, 64 * columns);
        Rig.on(device.open(2), Steps.of(64), rig -> {
            DeviceBuffer source = rig.memory.buffer(Rows.TOKENS, columns);
            DeviceBuffer normed = rig.memory.buffer(Rows.TOKENS, columns);
            DeviceBuffer target = rig.memory.buffer(Rows.TOKENS, 70);
            DeviceVector weight = rig.memory.vector(Rig.random(3, columns));
            DeviceVector bias = rig.memory.vector(Rig.random(4, 160));
            Gate gate = new Gate(
                    random(rig, TensorType.Q8_0, 160, columns, 1),
                    bias,
                    random(rig, TensorType.Q4_0, 160, columns, 2),
                    bias);
            Projection down = new Projection(random(rig, TensorType.Q8_0, 70, 160, 3), null, target, false);
            float[] all = {};
            int[] batches = device.batches();
            for (int i = batches.length - 1; i >= 0; i--) {
                // Each batch starts elsewhere, so that rows change their places.
                int batch = batches[i];
                int first = batch * 5 % (65 - batch);
                rig.begin(Steps.of(batch));
                rig.fill(source, Arrays.copyOfRange(x, first * columns, (first + batch) * columns));
                rig.operations().rmsNorm(source, weight, 1e-5f, normed);
                rig.operations().feedForward(normed, gate, down);
                float[] found = rig.read(target);
                all = batch == 64 ? found : all;
                Closeness.assertSameBits(found, Arrays.copyOfRange(all, first * 70, (first + batch) * 70));
            }
            return all;
        });
    }

    private static Matrix random(Rig rig, TensorType type, int rows, int columns, long seed) {
        return rig.memory.matrix(type, rows, columns, RandomWeights.of(type, rows, columns, seed));
    }

    @Test
    void a_norm_is_not_taken_for_what_was_written_over_it() {
        float[] x = Rig.random(10, 20 * 64);
        float[] later = Rig.random(11, 20 * 64);
        Rig.Program program = rig -> {
            DeviceBuffer source = rig.memory.buffer(Rows.TOKENS, 64);
            DeviceBuffer target = rig.memory.buffer(Rows.TOKENS, 64);
            DeviceVector weight = rig.memory.vector(Rig.random(3, 64));
            Projection[] all = {new Projection(random(rig, TensorType.Q8_0, 64, 64, 1), null, target, false)};
            rig.fill(source, x);
            rig.operations().rmsNorm(source, weight, 1e-5f, source);
            rig.fill(source, later);
            rig.operations().project(source, all);
            return rig.read(target);
        };
        float[] found = Rig.on(device.open(), Steps.of(20), program);
        Closeness.assertClose(found, Rig.onReference(Steps.of(20), program), 0.02f);
    }

    @ParameterizedTest
    @ValueSource(floats = {0f, -1e6f, Float.NaN})
    void the_likeliest_of_logits_that_were_just_made_is_that_of_the_reference(float added) {
        int sequences = 37;
        int[] zeros = new int[sequences];
        int[] ones = new int[sequences];
        Arrays.fill(ones, 1);
        StepInput step = Steps.of(zeros, ones);
        int vocabulary = Rig.LIMITS.vocabularySize();
        float[] x = Rig.random(12, sequences * 32);
        float[] bias = Rig.random(13, vocabulary);
        for (int id = 0; id < vocabulary; id += 3) {
            bias[id] += added;
        }
        Rig.Program program = rig -> {
            DeviceBuffer source = rig.memory.buffer(Rows.SAMPLES, 32);
            DeviceBuffer logits = rig.memory.buffer(Rows.SAMPLES, vocabulary);
            // Some tokens are as likely as others.
            Matrix output = rig.memory.matrix(
                    TensorType.F32, vocabulary, 32, MemorySegment.ofArray(new byte[4 * 32 * vocabulary]));
            rig.fill(source, x);
            Projection[] all = {new Projection(output, rig.memory.vector(bias), logits, false)};
            rig.operations().project(source, all);
            return rig.sample(logits);
        };
        Closeness.assertSameBits(Rig.on(device.open(), step, program), Rig.onReference(step, program));
    }

    @Test
    void a_sampled_token_is_the_input_of_the_next_step_by_its_place() {
        int vocabulary = Rig.LIMITS.vocabularySize();
        float[] x = Rig.random(21, 3 * vocabulary);
        byte[] table = new byte[4 * 32 * vocabulary];
        new Random(22).nextBytes(table);
        for (int i = 3; i < table.length; i += 4) {
            table[i] &= 0x3f;
        }
        StepInputBuilder builder = new StepInputBuilder();
        for (int place = 2; place >= 0; place--) {
            builder.sequence(new int[] {5}, 1, 1, new int[] {place}, place);
        }
        StepInput next = new StepInput(64);
        builder.build(1, 2, next);
        Rig.Program program = rig -> {
            DeviceBuffer logits = rig.memory.buffer(Rows.SAMPLES, vocabulary);
            DeviceBuffer hidden = rig.memory.buffer(Rows.TOKENS, 32);
            Matrix rows = rig.memory.matrix(TensorType.F32, vocabulary, 32, MemorySegment.ofArray(table));
            rig.fill(logits, x);
            rig.sample(logits);
            rig.begin(next);
            rig.operations().embed(rows, hidden);
            return rig.read(hidden);
        };
        StepInput first = Steps.of(new int[3], new int[] {1, 1, 1});
        Closeness.assertSameBits(Rig.on(device.open(), first, program), Rig.onReference(first, program));
    }

    @Test
    void gathers_the_rows_that_are_sampled() {
        float[] x = Rig.random(9, 12 * 65);
        StepInput step = Steps.of(new int[] {0, 3, 0}, new int[] {5, 1, 6});
        Rig.Program program = rig -> {
            DeviceBuffer tokens = rig.memory.buffer(Rows.TOKENS, 65);
            DeviceBuffer samples = rig.memory.buffer(Rows.SAMPLES, 65);
            rig.fill(tokens, x);
            rig.operations().gatherSampled(tokens, samples);
            return rig.read(samples);
        };
        Closeness.assertSameBits(Rig.on(device.open(), step, program), Rig.onReference(step, program));
    }
}
