package dev.millrace.worker.kernel.cuda;

import dev.millrace.worker.kernel.Closeness;
import dev.millrace.worker.step.KvType;
import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepInputBuilder;
import dev.millrace.worker.step.StepLimits;
import java.util.Random;

/// Steps and values for tests of kernels.
final class KernelSteps {

    private static final int BLOCKS = 120;

    private KernelSteps() {}

    static StepLimits limits(KvType type) {
        return new StepLimits(64, 16, 640, BLOCKS, 300, type);
    }

    /// Sequences of `counts` tokens from the positions `first` on, each sampled after its last token; blocks descend
    /// and
    /// alternate between sequences.
    static StepInput of(int[] first, int[] counts) {
        StepInputBuilder builder = new StepInputBuilder();
        for (int s = 0; s < first.length; s++) {
            int length = first[s] + counts[s];
            int[] blocks = new int[Math.ceilDiv(length, StepInput.BLOCK_TOKENS)];
            for (int b = 0; b < blocks.length; b++) {
                blocks[b] = BLOCKS - 1 - s - b * first.length;
            }
            builder.sequence(new int[length], first[s], counts[s], blocks);
            builder.sample(s, s, SamplingParameters.GREEDY);
        }
        StepInput step = new StepInput(64);
        builder.build(1, 1, step);
        return step;
    }

    static float[] random(long seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /// No value may differ by more than `tolerance` times the largest one.
    static void assertClose(float[] found, float[] wanted, float tolerance) {
        Closeness.assertClose(found, wanted, tolerance);
    }

    static void assertSameBits(float[] found, float[] wanted) {
        Closeness.assertSameBits(found, wanted);
    }
}
