package dev.millrace.worker.kernel;

import dev.millrace.worker.kernel.reference.ReferenceDevice;
import dev.millrace.worker.step.KvType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("device")
@ParameterizedClass
@EnumSource
class AttentionParityTest {

    private static final float TOLERANCE = 3e-6f;

    /// Query heads, KV heads and head size.
    private record Heads(int query, int kv, int size) {

        int width() {
            return query * size;
        }

        int kvWidth() {
            return kv * size;
        }
    }

    /// What the reference makes of shapes and types, once for all devices.
    private static final Map<String, float[]> WANTED = new HashMap<>();

    private final TestDevice device;

    AttentionParityTest(TestDevice device) {
        this.device = device;
    }

    static Stream<Arguments> shapes() {
        List<Heads> shapes = List.of(
                new Heads(1, 1, 8),
                new Heads(8, 2, 64),
                new Heads(3, 1, 80),
                new Heads(14, 2, 96),
                new Heads(8, 1, 128),
                new Heads(2, 2, 256),
                new Heads(70, 1, 20),
                new Heads(3, 3, 6),
                new Heads(5, 1, 33));
        return shapes.stream().flatMap(shape -> Stream.of(KvType.values()).map(type -> Arguments.of(shape, type)));
    }

    /// A sequence that goes on at several lengths, in chunks across the ends of blocks, runs and spans, beside others.
    @ParameterizedTest
    @MethodSource("shapes")
    void sees_all_positions_up_to_its_own(Heads heads, KvType type) {
        int[] cuts = {0, 1, 15, 16, 17, 60, 150, 240, 255, 256, 257, 320, 400, 490, 511, 513, 570};
        Rig.Program program = rig -> attend(rig, heads, cuts, 513, 3);
        float[] found = Rig.on(device.open(), Rig.limits(type), Steps.of(1), program);
        float[] wanted = WANTED.computeIfAbsent(
                heads + " " + type, missing -> Rig.on(new ReferenceDevice(), Rig.limits(type), Steps.of(1), program));
        Closeness.assertClose(found, wanted, TOLERANCE);
        // The kernel in C multiplies the scales of Q8_0 with sums, not with each value.
        if (device == TestDevice.NATIVE && type != KvType.Q8_0) {
            Closeness.assertSameBits(found, Rig.on(TestDevice.VECTOR.open(2), Rig.limits(type), Steps.of(1), program));
        }
    }

    /// A prompt of three or four spans, beside nothing or others, in any chunks, on any number of threads.
    @ParameterizedTest
    @EnumSource
    void a_token_gets_the_same_bits_whatever_is_computed_beside_it(KvType type) {
        int length = device == TestDevice.CUDA ? 600 : 1000;
        for (Heads heads : List.of(new Heads(7, 1, 64), new Heads(3, 3, 20))) {
            float[] wanted = attend(device.open(1), type, heads, chunks(length, 90), 0);
            Closeness.assertSameBits(attend(device.open(1), type, heads, chunks(length, 17), 0), wanted);
            Closeness.assertSameBits(attend(device.open(2), type, heads, chunks(length, 64), 2), wanted);
            Closeness.assertSameBits(attend(device.open(3), type, heads, chunks(length, 90), 3), wanted);
            float[] alone = attend(device.open(2), type, heads, chunks(300, 1), 0);
            Closeness.assertSameBits(Arrays.copyOf(wanted, alone.length), alone);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_token_gets_the_same_bits_in_every_batch(KvType type) {
        Heads heads = new Heads(3, 1, 20);
        int[] cuts = {0, 31, 62, 93, 94, 97};
        float[] wanted = attend(device.open(1), type, heads, cuts, 0);
        for (int batch : device.batches()) {
            float[] found = attend(device.open(1 + batch % 2), type, heads, cuts, batch - 1);
            Closeness.assertSameBits(found, wanted);
        }
    }

    @ParameterizedTest
    @EnumSource
    void all_of_a_long_context_is_seen(KvType type) {
        Rig.Program program = rig -> attendAtTheEnd(rig, new Heads(7, 1, 64), 8200, 3);
        float[] wanted = Rig.on(new ReferenceDevice(), Rig.limits(type), Steps.of(1), program);
        float[] found = Rig.on(device.open(1), Rig.limits(type), Steps.of(1), program);
        Closeness.assertClose(found, wanted, TOLERANCE);
        Closeness.assertSameBits(Rig.on(device.open(2), Rig.limits(type), Steps.of(1), program), found);
    }

    /// What the last `asking` tokens of a sequence of `length` attend to.
    private static float[] attendAtTheEnd(Rig rig, Heads heads, int length, int asking) {
        DeviceBuffer keys = rig.memory.buffer(Rows.TOKENS, heads.kvWidth());
        DeviceBuffer values = rig.memory.buffer(Rows.TOKENS, heads.kvWidth());
        DeviceBuffer queries = rig.memory.buffer(Rows.TOKENS, heads.width());
        KvCache cache = rig.memory.kvCache(1, heads.kv(), heads.size());
        for (int first = 0; first < length; ) {
            int count = first < length - asking ? Math.min(90, length - asking - first) : asking;
            rig.begin(Steps.of(new int[] {first}, new int[] {count}));
            rig.fill(keys, Rig.random(first, count * heads.kvWidth()));
            rig.fill(values, Rig.random(-first, count * heads.kvWidth()));
            rig.operations().storeKv(cache, 0, keys, values);
            first += count;
        }
        rig.fill(queries, Rig.random(length, asking * heads.width()));
        rig.operations().attention(cache, 0, queries, queries);
        return rig.read(queries);
    }

    private static int[] chunks(int length, int size) {
        int[] cuts = new int[Math.ceilDiv(length, size) + 1];
        Arrays.setAll(cuts, i -> Math.min(length, i * size));
        return cuts;
    }

    private static float[] attend(Device device, KvType type, Heads heads, int[] cuts, int others) {
        return Rig.on(device, Rig.limits(type), Steps.of(1), rig -> attend(rig, heads, cuts, 0, others));
    }

    /// What a sequence attends to from position `from` on, when computed in chunks that end at `cuts`, each beside one
    /// token of some others.
    private static float[] attend(Rig rig, Heads heads, int[] cuts, int from, int others) {
        int length = cuts[cuts.length - 1];
        float[] x = Rig.random(1, 1000 * heads.width());
        DeviceBuffer keys = rig.memory.buffer(Rows.TOKENS, heads.kvWidth());
        DeviceBuffer values = rig.memory.buffer(Rows.TOKENS, heads.kvWidth());
        DeviceBuffer asking = rig.memory.buffer(Rows.TOKENS, heads.width());
        KvCache cache = rig.memory.kvCache(2, heads.kv(), heads.size());
        float[] result = new float[length * heads.width()];
        for (int chunk = 1; chunk < cuts.length; chunk++) {
            int first = cuts[chunk - 1];
            int count = cuts[chunk] - first;
            int[] firsts = new int[others + 1];
            int[] counts = new int[others + 1];
            Arrays.fill(firsts, chunk - 1);
            Arrays.fill(counts, 1);
            int place = others / 2;
            firsts[place] = first;
            counts[place] = count;
            rig.begin(Steps.of(firsts, counts));
            rig.fill(keys, rows(x, heads.kvWidth(), first, count, place, others, 0));
            rig.fill(values, rows(x, heads.kvWidth(), first, count, place, others, 500 * heads.kvWidth()));
            rig.fill(asking, rows(x, heads.width(), first, count, place, others, 0));
            Operations operations = rig.operations();
            operations.storeKv(cache, 1, keys, values);
            operations.attention(cache, 1, asking, asking);
            float[] found = rig.read(asking);
            System.arraycopy(found, place * heads.width(), result, first * heads.width(), count * heads.width());
        }
        return Arrays.copyOfRange(result, from * heads.width(), result.length);
    }

    /// Rows of the sequence between those of the others.
    private static float[] rows(float[] x, int width, int first, int count, int place, int others, int shift) {
        float[] rows = Rig.random(first, (count + others) * width);
        for (int i = 0; i < count * width; i++) {
            rows[place * width + i] = x[(first * width + i + shift) % x.length];
        }
        return rows;
    }
}
