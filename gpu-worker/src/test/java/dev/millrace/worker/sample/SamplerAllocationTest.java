package dev.millrace.worker.sample;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepInputBuilder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SamplerAllocationTest {

    private static final int VOCABULARY = 3000;

    @Test
    void a_token_leaves_no_garbage() {
        MemorySegment logits = Arena.ofAuto().allocate(4L * VOCABULARY, 64);
        Random random = new Random(5);
        for (int id = 0; id < VOCABULARY; id++) {
            logits.setAtIndex(ValueLayout.JAVA_FLOAT, id, (float) random.nextGaussian());
        }
        StepInput step = step();
        Sampler sampler = new Sampler(VOCABULARY);
        int[] ids = new int[3];
        SampledToken token = new SampledToken();
        ThreadMXBean meter = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int calls = 2000;
        for (int call = 0; call < calls; call++) {
            sampler.sample(logits, 0, step, call % 3, ids, token);
        }
        long before = meter.getCurrentThreadAllocatedBytes();
        for (int call = 0; call < calls; call++) {
            sampler.sample(logits, 0, step, call % 3, ids, token);
        }
        assertThat((meter.getCurrentThreadAllocatedBytes() - before) / calls).isLessThan(256);
    }

    /// Greedy, a plain draw, and a draw with everything.
    private static StepInput step() {
        StepInputBuilder builder = new StepInputBuilder();
        for (int s = 0; s < 3; s++) {
            builder.sequence(new int[1], 0, 1, new int[] {s});
            builder.sample(
                    s,
                    s,
                    switch (s) {
                        case 0 -> SamplingParameters.GREEDY;
                        case 1 -> Drawing.parameters(1f, 1f, 0, 0f, 3);
                        default -> new SamplingParameters(1.5f, 0.9f, 500, 0.01f, 3, 1f, 1f, 1.1f, 20);
                    });
        }
        builder.penalty(7, 2, true);
        builder.bias(9, 1f);
        StepInput step = new StepInput(64);
        builder.build(1, 1, step);
        return step;
    }
}
