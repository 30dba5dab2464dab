package dev.millrace.worker.step;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The tokens that a step sampled, packed into 32-bit little-endian words: the last stage fills it, stage 0 reads it.
///
/// Layout in words: header (magic, word count, epoch, step, `N`), then for each sample a record: sequence handle (2),
/// token id, log probability (f32 bits, NaN where not asked for), listed tokens `k`, then `k` token ids and `k` log
/// probabilities (f32 bits), likeliest first.
public final class StepOutput {

    private static final int MAGIC = 0x4d52_0002;
    private static final int HEADER_WORDS = 8;
    private static final int RECORD_WORDS = 5;
    private static final int MAX_RECORD_WORDS = RECORD_WORDS + 2 * SamplingParameters.MAX_TOP_LOGPROBS;

    private final MemorySegment words;
    private final int[] recordStarts;
    private int wordCount;
    private int count;

    /// Makes room for the tokens of `maxSamples` sequences.
    public StepOutput(int maxSamples) {
        words = Arena.ofAuto().allocate(4L * (HEADER_WORDS + (long) MAX_RECORD_WORDS * maxSamples), 64);
        recordStarts = new int[maxSamples];
    }

    /// Starts the output of a step.
    public void begin(long epoch, long step) {
        wordCount = HEADER_WORDS;
        count = 0;
        word(0, MAGIC);
        wide(2, epoch);
        wide(4, step);
        word(6, 0);
        word(7, 0);
        word(1, wordCount);
    }

    /// Adds a sampled token; `logprob` is NaN where log probabilities are not asked for.
    public void add(long sequenceHandle, int tokenId, float logprob) {
        recordStarts[count++] = wordCount;
        wide(wordCount, sequenceHandle);
        word(wordCount + 2, tokenId);
        word(wordCount + 3, Float.floatToRawIntBits(logprob));
        word(wordCount + 4, 0);
        wordCount += RECORD_WORDS;
        word(1, wordCount);
        word(6, count);
    }

    /// Lists the likeliest tokens with the token added last.
    public void top(int[] tokenIds, float[] logprobs, int listed) {
        word(wordCount - 1, listed);
        for (int i = 0; i < listed; i++) {
            word(wordCount + i, tokenIds[i]);
            word(wordCount + listed + i, Float.floatToRawIntBits(logprobs[i]));
        }
        wordCount += 2 * listed;
        word(1, wordCount);
    }

    /// The packed words; valid until the next step is put here.
    public MemorySegment bytes() {
        return words.asSlice(0, 4L * wordCount);
    }

    /// Takes over the packed output in `source`.
    ///
    /// @throws IllegalArgumentException when it is not well-formed or a token id is outside the vocabulary
    public void load(MemorySegment source, int vocabularySize) {
        long byteSize = source.byteSize();
        if (byteSize < 4L * HEADER_WORDS || byteSize % 4 != 0 || byteSize > words.byteSize()) {
            throw new IllegalArgumentException("a packed step output cannot have " + byteSize + " bytes");
        }
        MemorySegment.copy(source, 0, words, 0, byteSize);
        wordCount = (int) (byteSize / 4);
        count = word(6);
        if (word(0) != MAGIC || word(1) != wordCount || count < 0 || count > recordStarts.length) {
            throw new IllegalArgumentException("not a packed step output, or one that was cut off");
        }
        int at = HEADER_WORDS;
        for (int n = 0; n < count; n++) {
            if (at + RECORD_WORDS > wordCount) {
                throw new IllegalArgumentException("a packed step output was cut off");
            }
            int listed = word(at + 4);
            if (listed < 0 || listed > SamplingParameters.MAX_TOP_LOGPROBS) {
                throw new IllegalArgumentException("a packed step output cannot list " + listed + " tokens");
            }
            if (word(at + 2) < 0 || word(at + 2) >= vocabularySize) {
                throw new IllegalArgumentException("token id " + word(at + 2) + " is outside the vocabulary");
            }
            recordStarts[n] = at;
            at += RECORD_WORDS + 2 * listed;
        }
        if (at != wordCount) {
            throw new IllegalArgumentException("a packed step output has " + wordCount + " words instead of " + at);
        }
    }

    /// The pipeline's epoch.
    public long epoch() {
        return wide(2);
    }

    /// Number of the step in its epoch.
    public long step() {
        return wide(4);
    }

    /// `N`, the sampled tokens.
    public int count() {
        return count;
    }

    /// The engine's handle of the sequence that sample `n` continues.
    public long sequence(int n) {
        return wide(recordStarts[n]);
    }

    /// The sampled token id.
    public int tokenId(int n) {
        return word(recordStarts[n] + 2);
    }

    /// Natural logarithm of the token's probability under the plain softmax, or NaN.
    public float logprob(int n) {
        return Float.intBitsToFloat(word(recordStarts[n] + 3));
    }

    /// How many likeliest tokens are listed.
    public int topCount(int n) {
        return word(recordStarts[n] + 4);
    }

    /// The `i`-th likeliest token id.
    public int topTokenId(int n, int i) {
        return word(recordStarts[n] + RECORD_WORDS + i);
    }

    /// Its log probability.
    public float topLogprob(int n, int i) {
        return Float.intBitsToFloat(word(recordStarts[n] + RECORD_WORDS + topCount(n) + i));
    }

    private int word(int index) {
        return words.get(StepInput.WORD, 4L * index);
    }

    private void word(int index, int value) {
        words.set(StepInput.WORD, 4L * index, value);
    }

    private long wide(int index) {
        return (word(index) & 0xffff_ffffL) | (long) word(index + 1) << 32;
    }

    private void wide(int index, long value) {
        word(index, (int) value);
        word(index + 1, (int) (value >>> 32));
    }
}
