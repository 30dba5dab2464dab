package dev.millrace.worker.step;

import java.util.Arrays;

/// Gathers the sequences, tokens and samples of a step and packs them into a [StepInput]. Reused from step to step; it
/// allocates only while it grows.
public final class StepInputBuilder {

    /// Words of a sample record, from its end.
    private static final int BIASES = 2;

    private static final int BIAS_START = 3;
    private static final int PENALTIES = 4;

    private final IntList tokenIds = new IntList();
    private final IntList positions = new IntList();
    private final IntList slots = new IntList();
    private final IntList sequenceRows = new IntList();
    private final IntList firstTokens = new IntList();
    private final IntList tokenCounts = new IntList();
    private final IntList contextLengths = new IntList();
    private final IntList tableStarts = new IntList();
    private final IntList tables = new IntList();
    private final IntList samples = new IntList();
    private final IntList extra = new IntList();
    /// In the order of their places.
    private final IntList[] sections = {
        tokenIds,
        positions,
        slots,
        sequenceRows,
        firstTokens,
        tokenCounts,
        contextLengths,
        tableStarts,
        tables,
        samples,
        extra
    };

    /// Forgets the step before.
    public void clear() {
        for (int i = 0; i < sections.length; i++) {
            sections[i].size = 0;
        }
    }

    /// Tokens so far.
    public int tokenCount() {
        return tokenIds.size;
    }

    /// Sequences so far.
    public int sequenceCount() {
        return firstTokens.size;
    }

    /// Adds `count` tokens of one sequence, at positions `firstPosition` and on; `blocks` holds its block table, of
    /// which as many entries are taken as those positions need.
    public void sequence(int[] tokens, int firstPosition, int count, int[] blocks) {
        sequence(tokens, firstPosition, count, blocks, -1);
    }

    /// As [#sequence] with a last token that is still being sampled: its id is what was sampled last at
    /// `lastTokenPlace`;
    /// -1 where it is known.
    public void sequence(int[] tokens, int firstPosition, int count, int[] blocks, int lastTokenPlace) {
        int row = firstTokens.size;
        firstTokens.add(tokenIds.size);
        tokenCounts.add(count);
        contextLengths.add(firstPosition + count);
        tableStarts.add(tables.size);
        int blockCount = (firstPosition + count + StepInput.BLOCK_TOKENS - 1) / StepInput.BLOCK_TOKENS;
        tables.add(blocks, blockCount);
        int end = firstPosition + count;
        for (int position = firstPosition; position < end; position++) {
            tokenIds.add(lastTokenPlace >= 0 && position == end - 1 ? ~lastTokenPlace : tokens[position]);
            positions.add(position);
            slots.add(blocks[position / StepInput.BLOCK_TOKENS] * StepInput.BLOCK_TOKENS
                    + position % StepInput.BLOCK_TOKENS);
            sequenceRows.add(row);
        }
    }

    /// Asks for the token after the last one added, which belongs to the sequence with that handle and whose id is kept
    /// at `place`. Penalties and biases that follow belong to this sample.
    public void sample(long sequenceHandle, int place, SamplingParameters parameters) {
        samples.add(tokenIds.size - 1);
        addWide(sequenceHandle);
        samples.add(positions.values[positions.size - 1] + 1);
        samples.add(Float.floatToRawIntBits(parameters.temperature()));
        samples.add(Float.floatToRawIntBits(parameters.topP()));
        samples.add(parameters.topK());
        samples.add(Float.floatToRawIntBits(parameters.minP()));
        addWide(parameters.seed());
        samples.add(Float.floatToRawIntBits(parameters.presencePenalty()));
        samples.add(Float.floatToRawIntBits(parameters.frequencyPenalty()));
        samples.add(Float.floatToRawIntBits(parameters.repeatPenalty()));
        samples.add(parameters.topLogprobs());
        samples.add(extra.size);
        samples.add(0);
        samples.add(extra.size);
        samples.add(0);
        samples.add(place);
    }

    private void addWide(long value) {
        samples.add((int) value);
        samples.add((int) (value >>> 32));
    }

    /// Adds a token that came before to the last sample; all penalties of a sample go before its biases.
    public void penalty(int tokenId, int generatedCount, boolean withinRepeatWindow) {
        extra.add(tokenId);
        extra.add(generatedCount << 1 | (withinRepeatWindow ? 1 : 0));
        samples.values[samples.size - PENALTIES]++;
        samples.values[samples.size - BIAS_START] = extra.size;
    }

    /// As [#penalty] for entries `from..end` of the arrays; a token is within the window where its number in
    /// `inWindow` is positive.
    public void penalties(int[] tokenIds, int[] generatedCounts, int[] inWindow, int from, int end) {
        int count = end - from;
        extra.reserve(2 * count);
        int[] words = extra.values;
        int at = extra.size;
        for (int i = from; i < end; i++) {
            words[at++] = tokenIds[i];
            words[at++] = generatedCounts[i] << 1 | (inWindow[i] > 0 ? 1 : 0);
        }
        extra.size = at;
        samples.values[samples.size - PENALTIES] += count;
        samples.values[samples.size - BIAS_START] = extra.size;
    }

    /// Adds a logit bias to the last sample.
    public void bias(int tokenId, float value) {
        extra.add(tokenId);
        extra.add(Float.floatToRawIntBits(value));
        samples.values[samples.size - BIASES]++;
    }

    /// Packs everything into `target`, for a pipeline whose steps in flight are not known.
    public void build(long epoch, long step, StepInput target) {
        build(epoch, step, 0, target);
    }

    /// Packs everything into `target`.
    ///
    /// @param stepsInFlight this step and those that have not come back
    public void build(long epoch, long step, int stepsInFlight, StepInput target) {
        tableStarts.add(tables.size);
        int words = StepInput.HEADER_WORDS;
        for (int i = 0; i < sections.length; i++) {
            words += sections[i].size;
        }
        target.reserve(words);
        target.header(
                words,
                epoch,
                step,
                tokenIds.size,
                firstTokens.size,
                tables.size,
                samples.size / StepInput.SAMPLE_WORDS,
                stepsInFlight);
        int at = StepInput.HEADER_WORDS;
        for (int i = 0; i < sections.length; i++) {
            target.words(at, sections[i].values, sections[i].size);
            at += sections[i].size;
        }
        target.accept(words);
    }

    private static final class IntList {
        private int[] values = new int[64];
        private int size;

        void add(int value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, 2 * size);
            }
            values[size++] = value;
        }

        void add(int[] source, int count) {
            reserve(count);
            System.arraycopy(source, 0, values, size, count);
            size += count;
        }

        void reserve(int count) {
            if (size + count > values.length) {
                values = Arrays.copyOf(values, Math.max(2 * size, size + count));
            }
        }
    }
}
