package dev.millrace.worker.bench;

import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepLimits;

/// How much room the tests need.
///
/// @param sequences at the same time
/// @param firstTokens of the first sequence, which prompts go through too
/// @param otherTokens of each other sequence
public record Capacity(int sequences, int firstTokens, int otherTokens) {

    /// Tokens of a step at the most, and so sequences too.
    public static final int BATCH_TOKENS = 512;

    /// Limits for a model that runs the tests.
    ///
    /// @throws ArithmeticException when there would be more blocks than can be counted
    public StepLimits limits(int vocabularySize) {
        int blocks = Math.addExact(firstBlocks(), Math.multiplyExact(sequences - 1, otherBlocks()));
        return new StepLimits(BATCH_TOKENS, sequences, Math.max(firstTokens, otherTokens), blocks, vocabularySize);
    }

    int firstBlocks() {
        return Math.ceilDiv(firstTokens, StepInput.BLOCK_TOKENS);
    }

    int otherBlocks() {
        return Math.ceilDiv(otherTokens, StepInput.BLOCK_TOKENS);
    }
}
