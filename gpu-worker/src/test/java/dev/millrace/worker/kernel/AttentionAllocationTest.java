package dev.millrace.worker.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.millrace.worker.kernel.cpu.CpuDevice;
import dev.millrace.worker.step.KvType;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AttentionAllocationTest {

    private static final int WARM_CALLS = 4000;
    private static final int ROUNDS = 40;
    private static final int CALLS = 100;

    /// Vectors that the compiler puts on the heap show here, with 80 bytes for each.
    @ParameterizedTest
    @EnumSource(KvType.class)
    void nothing_is_allocated_when_warm(KvType type) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        float[] least = Rig.on(new CpuDevice(1), Rig.limits(type), Steps.of(1), rig -> {
            DeviceBuffer keys = rig.memory.buffer(Rows.TOKENS, 2 * 64);
            DeviceBuffer asking = rig.memory.buffer(Rows.TOKENS, 8 * 64);
            KvCache cache = rig.memory.kvCache(1, 2, 64);
            Operations operations = rig.operations();
            rig.begin(Steps.of(new int[] {70}, new int[] {5}));
            rig.fill(keys, Rig.random(1, 5 * 2 * 64));
            rig.fill(asking, Rig.random(2, 5 * 8 * 64));
            long fewest = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS && fewest > 0; round++) {
                int calls = round == 0 ? WARM_CALLS : CALLS;
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int call = 0; call < calls; call++) {
                    operations.storeKv(cache, 0, keys, keys);
                    operations.attention(cache, 0, asking, asking);
                }
                fewest = Math.min(fewest, (threads.getCurrentThreadAllocatedBytes() - before) / calls);
            }
            return new float[] {fewest};
        });
        assertThat(least[0]).as("bytes for a call").isLessThan(80);
    }
}
