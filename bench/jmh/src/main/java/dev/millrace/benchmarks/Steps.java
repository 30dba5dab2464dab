package dev.millrace.benchmarks;

import dev.millrace.worker.step.KvType;
import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepInputBuilder;
import dev.millrace.worker.step.StepLimits;

/// Steps to run operations and links with.
final class Steps {

    private static final int VOCABULARY = 32_000;

    private Steps() {}

    /// What [#of] needs.
    static StepLimits limits(int sequences, int tokens, int context, int vocabulary) {
        return limits(sequences, tokens, context, vocabulary, KvType.F16);
    }

    /// What [#of] needs with another type of KV blocks.
    static StepLimits limits(int sequences, int tokens, int context, int vocabulary, KvType kvType) {
        int blocks = sequences * Math.ceilDiv(context, StepInput.BLOCK_TOKENS);
        return new StepLimits(sequences * tokens, sequences, context, blocks, vocabulary, kvType);
    }

    /// The last `tokens` tokens of `context` for each sequence; the one after is sampled.
    static StepInput of(int sequences, int tokens, int context, SamplingParameters sampling) {
        StepInputBuilder builder = new StepInputBuilder();
        int tableBlocks = Math.ceilDiv(context, StepInput.BLOCK_TOKENS);
        int[] ids = new int[context];
        for (int i = 0; i < context; i++) {
            ids[i] = i * 31 % VOCABULARY;
        }
        for (int sequence = 0; sequence < sequences; sequence++) {
            int[] blocks = new int[tableBlocks];
            for (int b = 0; b < tableBlocks; b++) {
                blocks[b] = b * sequences + sequence;
            }
            builder.sequence(ids, context - tokens, tokens, blocks);
            builder.sample(sequence, sequence, sampling);
        }
        StepInput step = new StepInput(4096);
        builder.build(1, 1, step);
        return step;
    }
}
