package dev.millrace.worker.kernel;

import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepInputBuilder;
import java.util.Arrays;

/// Steps for tests of single operations.
final class Steps {

    private Steps() {}

    /// One sequence from position 0 on, sampled after its last token.
    static StepInput of(int tokens) {
        return of(new int[] {0}, new int[] {tokens});
    }

    /// Sequences of `counts` tokens from the positions `first` on, each sampled after its last token. Token ids run
    /// through the vocabulary, block tables do not ascend.
    static StepInput of(int[] first, int[] counts) {
        StepInputBuilder builder = new StepInputBuilder();
        for (int s = 0; s < first.length; s++) {
            int length = first[s] + counts[s];
            int[] tokens = new int[length];
            int seed = s;
            Arrays.setAll(tokens, i -> (7 * i + 31 * seed) % Rig.LIMITS.vocabularySize());
            int[] blocks = new int[Math.ceilDiv(length, StepInput.BLOCK_TOKENS)];
            for (int b = 0; b < blocks.length; b++) {
                blocks[b] = Rig.LIMITS.kvBlocks() - 1 - s - b * first.length;
            }
            builder.sequence(tokens, first[s], counts[s], blocks);
            builder.sample(s, s, SamplingParameters.GREEDY);
        }
        StepInput step = new StepInput(64);
        builder.build(1, 1, step);
        return step;
    }
}
