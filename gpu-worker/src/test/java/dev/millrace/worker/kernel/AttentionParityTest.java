package dev.millrace.worker.kernel;

import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.step.StepInput;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionParityTest {

    private static final float TOLERANCE = 3e-6f;

    /// Prompts of several sequences, then one step in which they go on, across the end of a run of positions.
    @ParameterizedTest
    @CsvSource({"1, 1, 8", "2, 1, 64", "8, 4, 20", "14, 2, 16", "5, 1, 80", "4, 4, 128", "3, 3, 6"})
    void sees_all_positions_up_to_its_own(int heads, int kvHeads, int headSize) {
        float[] past = Rig.random(1, 96 * kvHeads * headSize);
        float[] queries = Rig.random(2, 96 * heads * headSize);
        Rig.Program program = rig -> {
            DeviceBuffer keys = rig.memory.buffer(Rows.TOKENS, kvHeads * headSize);
            DeviceBuffer values = rig.memory.buffer(Rows.TOKENS, kvHeads * headSize);
            DeviceBuffer asking = rig.memory.buffer(Rows.TOKENS, heads * headSize);
            KvCache cache = rig.memory.kvCache(2, kvHeads, headSize);
            Operations operations = rig.operations();
            for (int position = 0; position < 260; position += 20) {
                rig.begin(Steps.of(new int[] {position, position / 20}, new int[] {20, 1}));
                rig.fill(keys, past);
                rig.fill(values, queries);
                operations.storeKv(cache, 1, keys, values);
            }
            rig.begin(Steps.of(new int[] {250, 13}, new int[] {20, 3}));
            rig.fill(keys, past);
            rig.fill(values, past);
            rig.fill(asking, queries);
            operations.storeKv(cache, 1, keys, values);
            operations.attention(cache, 1, asking, asking);
            return rig.read(asking);
        };
        StepInput step = Steps.of(new int[] {250, 13}, new int[] {20, 3});
        Closeness.assertClose(Rig.onCpu(step, program), Rig.onReference(step, program), TOLERANCE);
    }

    @Test
    void a_token_gets_the_same_bits_alone_and_in_a_chunk() {
        int width = 4 * 32;
        int length = 90;
        float[] x = Rig.random(3, length * width);
        float[] whole = attend(new CpuDevice(1), x, width, length, length);
        Closeness.assertSameBits(attend(new CpuDevice(1), x, width, length, 1), whole);
        Closeness.assertSameBits(attend(new CpuDevice(2), x, width, length, 17), whole);
    }

    private static float[] attend(CpuDevice device, float[] x, int width, int length, int chunk) {
        return Rig.on(device, Steps.of(1), rig -> {
            DeviceBuffer keys = rig.memory.buffer(Rows.TOKENS, width / 2);
            DeviceBuffer asking = rig.memory.buffer(Rows.TOKENS, width);
            KvCache cache = rig.memory.kvCache(1, 2, 32);
            float[] result = new float[length * width];
            for (int first = 0; first < length; first += chunk) {
                int count = Math.min(chunk, length - first);
                float[] part = Arrays.copyOfRange(x, first * width, (first + count) * width);
                Operations operations = rig.operations();
                rig.begin(Steps.of(new int[] {first}, new int[] {count}));
                rig.fill(keys, Arrays.copyOfRange(x, first * width / 2, (first + count) * width / 2));
                rig.fill(asking, part);
                operations.storeKv(cache, 0, keys, keys);
                operations.attention(cache, 0, asking, asking);
                System.arraycopy(rig.read(asking), 0, result, first * width, count * width);
            }
            return result;
        });
    }
}
