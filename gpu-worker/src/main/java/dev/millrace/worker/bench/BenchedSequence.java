package dev.millrace.worker.bench;

import dev.millrace.worker.step.StepInput;
import java.util.Random;

/// A sequence with KV blocks of its own and random tokens, over which decoding writes the sampled ones.
final class BenchedSequence {

    private final int[] tokens;
    private final int[] blocks;
    private int filled;

    BenchedSequence(int firstBlock, int blockCount, int vocabularySize, long seed) {
        Random random = new Random(seed);
        tokens = random.ints((long) blockCount * StepInput.BLOCK_TOKENS, 0, vocabularySize)
                .toArray();
        blocks = new int[blockCount];
        for (int i = 0; i < blockCount; i++) {
            blocks[i] = firstBlock + i;
        }
    }

    int[] tokens() {
        return tokens;
    }

    int[] blocks() {
        return blocks;
    }

    /// Positions from 0 on whose KV is there.
    int filled() {
        return filled;
    }

    void filledTo(int position) {
        filled = Math.max(filled, position);
    }

    /// The token sampled at `position` is the input of the next one.
    void put(int position, int token) {
        filledTo(position + 1);
        if (position + 1 < tokens.length) {
            tokens[position + 1] = token;
        }
    }

    void require(int count) {
        if (count > tokens.length) {
            throw new IllegalArgumentException(
                    "%d tokens are more than the %d that there is room for".formatted(count, tokens.length));
        }
    }
}
