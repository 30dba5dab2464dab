package dev.millrace.worker.step;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// What a step computes, packed into 32-bit little-endian words of one off-heap segment: it is uploaded and handed over
/// as it is. Stage 0 fills it with a [StepInputBuilder], later stages [#load] the bytes of the stage before.
///
/// Layout in words: header, then token ids `[T]`, positions `[T]`, slots `[T]`, sequence rows `[T]`; first token `[S]`,
/// token count `[S]`, context length `[S]`, block table start `[S + 1]`; block tables; sample records `[N]` of
/// [#SAMPLE_WORDS] words; extra words that sample records point to. Tokens of a sequence stand together in the order of
/// their positions; token `t` sees the KV of positions `0..position(t)` of its sequence. A slot says where the KV of
/// that token is written: `block * BLOCK_TOKENS + offset`.
///
/// A token that is still being sampled when the step is packed has the id `~place` (so it is negative): the last stage
/// keeps the id that it sampled last at each place, which is below the most sequences of a step. Only a pipeline of one
/// stage is given such steps. The penalties of a sample that follows such a token do not count it; who samples adds it.
public final class StepInput {

    /// Tokens of one KV block.
    public static final int BLOCK_TOKENS = 16;

    static final int MAGIC = 0x4d52_0003;
    static final int HEADER_WORDS = 12;
    static final int SAMPLE_WORDS = 19;
    static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private MemorySegment words;
    private int wordCount;
    private int tokenCount;
    private int sequenceCount;
    private int sampleCount;
    private int sequenceStart;
    private int tableStart;
    private int sampleStart;
    private int extraStart;

    /// Words of the largest step within such limits, without penalties and biases: those have two words for each token
    /// that they name.
    public static long mostWords(int tokens, int sequences, int contextLength) {
        long blocks = (long) sequences * Math.ceilDiv(contextLength, BLOCK_TOKENS);
        return HEADER_WORDS + 4L * tokens + (4L + SAMPLE_WORDS) * sequences + 1 + blocks;
    }

    /// Makes room for `initialWords` words; the room grows when a step needs more.
    public StepInput(int initialWords) {
        words = allocate(Math.max(initialWords, HEADER_WORDS));
    }

    private static MemorySegment allocate(int wordCount) {
        return Arena.ofAuto().allocate(4L * wordCount, 64);
    }

    /// The packed words, `wordCount * 4` bytes; valid until the next step is put here.
    public MemorySegment bytes() {
        return words.asSlice(0, byteSize());
    }

    /// Bytes of the packed words.
    public long byteSize() {
        return 4L * wordCount;
    }

    /// Puts the packed words at the beginning of `target`.
    public void copyTo(MemorySegment target) {
        MemorySegment.copy(words, 0, target, 0, byteSize());
    }

    /// Takes over the packed step in `source`.
    ///
    /// @throws IllegalArgumentException when it is not a well-formed step within the limits
    public void load(MemorySegment source, StepLimits limits) {
        long byteSize = source.byteSize();
        if (byteSize < 4L * HEADER_WORDS || byteSize % 4 != 0 || byteSize > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a packed step cannot have " + byteSize + " bytes");
        }
        reserve((int) (byteSize / 4));
        MemorySegment.copy(source, 0, words, 0, byteSize);
        accept((int) (byteSize / 4));
        new StepInputCheck(this, limits).run();
    }

    void reserve(int count) {
        if (4L * count > words.byteSize()) {
            words = allocate(Math.max(count, (int) Math.min(Integer.MAX_VALUE / 4, words.byteSize() / 2)));
        }
    }

    /// Reads the header and derives where the sections stand.
    void accept(int count) {
        wordCount = count;
        tokenCount = word(6);
        sequenceCount = word(7);
        int tableWords = word(8);
        sampleCount = word(9);
        long end = HEADER_WORDS
                + 4L * tokenCount
                + 4L * sequenceCount
                + 1
                + tableWords
                + (long) SAMPLE_WORDS * sampleCount;
        if (word(0) != MAGIC
                || word(1) != count
                || tokenCount < 0
                || sequenceCount < 0
                || tableWords < 0
                || sampleCount < 0
                || end > count) {
            throw new IllegalArgumentException("not a packed step, or one that was cut off");
        }
        sequenceStart = HEADER_WORDS + 4 * tokenCount;
        tableStart = sequenceStart + 4 * sequenceCount + 1;
        sampleStart = tableStart + tableWords;
        extraStart = sampleStart + SAMPLE_WORDS * sampleCount;
    }

    int word(int index) {
        return words.get(WORD, 4L * index);
    }

    void word(int index, int value) {
        words.set(WORD, 4L * index, value);
    }

    void words(int index, int[] source, int count) {
        MemorySegment.copy(source, 0, words, WORD, 4L * index, count);
    }

    void header(
            int wordCount,
            long epoch,
            long step,
            int tokens,
            int sequences,
            int tableWords,
            int samples,
            int stepsInFlight) {
        word(0, MAGIC);
        word(1, wordCount);
        word(2, (int) epoch);
        word(3, (int) (epoch >>> 32));
        word(4, (int) step);
        word(5, (int) (step >>> 32));
        word(6, tokens);
        word(7, sequences);
        word(8, tableWords);
        word(9, samples);
        word(10, stepsInFlight);
        word(11, 0);
    }

    private long wide(int index) {
        return (word(index) & 0xffff_ffffL) | (long) word(index + 1) << 32;
    }

    private float floating(int index) {
        return Float.intBitsToFloat(word(index));
    }

    int extraWords() {
        return wordCount - extraStart;
    }

    int tableWords() {
        return sampleStart - tableStart;
    }

    /// The pipeline's epoch.
    public long epoch() {
        return wide(2);
    }

    /// Number of the step in its epoch, from 1.
    public long step() {
        return wide(4);
    }

    /// Steps that were under way in the pipeline when this one was planned, itself included; 0 where that is not known.
    public int stepsInFlight() {
        return word(10);
    }

    /// `T`, the tokens of this step.
    public int tokenCount() {
        return tokenCount;
    }

    /// `S`, the sequences that the tokens belong to.
    public int sequenceCount() {
        return sequenceCount;
    }

    /// `N`, the tokens after which the next one is sampled.
    public int sampleCount() {
        return sampleCount;
    }

    /// The id of token `t`, or `~place` where the id is what was sampled last at that place.
    public int tokenId(int t) {
        return word(HEADER_WORDS + t);
    }

    /// The position of token `t` in its sequence, from 0.
    public int position(int t) {
        return word(HEADER_WORDS + tokenCount + t);
    }

    /// The slot that takes the KV of token `t`.
    public int slot(int t) {
        return word(HEADER_WORDS + 2 * tokenCount + t);
    }

    /// The row of the sequence that token `t` belongs to, from 0.
    public int sequenceRow(int t) {
        return word(HEADER_WORDS + 3 * tokenCount + t);
    }

    /// The first token of sequence row `s`.
    public int firstToken(int s) {
        return word(sequenceStart + s);
    }

    /// How many tokens sequence row `s` has in this step.
    public int tokenCount(int s) {
        return word(sequenceStart + sequenceCount + s);
    }

    /// Tokens of sequence row `s` whose KV is there after this step.
    public int contextLength(int s) {
        return word(sequenceStart + 2 * sequenceCount + s);
    }

    /// Blocks in the table of sequence row `s`.
    public int blockCount(int s) {
        int start = sequenceStart + 3 * sequenceCount + s;
        return word(start + 1) - word(start);
    }

    /// The block that holds positions `16 * index` and on of sequence row `s`.
    public int block(int s, int index) {
        return word(tableStart + word(sequenceStart + 3 * sequenceCount + s) + index);
    }

    int blockTableStart(int s) {
        return word(sequenceStart + 3 * sequenceCount + s);
    }

    /// The place of the token that sample `n` follows, or -1 where the step names its id.
    public int pendingPlace(int n) {
        int id = tokenId(sampleToken(n));
        return id < 0 ? ~id : -1;
    }

    private int sample(int n) {
        return sampleStart + SAMPLE_WORDS * n;
    }

    /// The token whose logits give sample `n`.
    public int sampleToken(int n) {
        return word(sample(n));
    }

    /// The engine's handle of the sequence that sample `n` continues.
    public long sampleSequence(int n) {
        return wide(sample(n) + 1);
    }

    /// The position that the sampled token will have in its sequence: with the seed, the source of its random number.
    public int samplePosition(int n) {
        return word(sample(n) + 3);
    }

    /// 0 takes the likeliest token; see [SamplingParameters] for this and the following.
    public float temperature(int n) {
        return floating(sample(n) + 4);
    }

    public float topP(int n) {
        return floating(sample(n) + 5);
    }

    public int topK(int n) {
        return word(sample(n) + 6);
    }

    public float minP(int n) {
        return floating(sample(n) + 7);
    }

    public long seed(int n) {
        return wide(sample(n) + 8);
    }

    public float presencePenalty(int n) {
        return floating(sample(n) + 10);
    }

    public float frequencyPenalty(int n) {
        return floating(sample(n) + 11);
    }

    public float repeatPenalty(int n) {
        return floating(sample(n) + 12);
    }

    public int topLogprobs(int n) {
        return word(sample(n) + 13);
    }

    /// How many distinct tokens are penalised in sample `n`.
    public int penaltyCount(int n) {
        return word(sample(n) + 15);
    }

    int penaltyStart(int n) {
        return word(sample(n) + 14);
    }

    /// The `i`-th penalised token id of sample `n`.
    public int penaltyToken(int n, int i) {
        return word(extraStart + penaltyStart(n) + 2 * i);
    }

    /// How often the `i`-th penalised token was generated.
    public int penaltyGenerated(int n, int i) {
        return word(extraStart + penaltyStart(n) + 2 * i + 1) >>> 1;
    }

    /// True when the `i`-th penalised token is within the repeat window.
    public boolean penaltyRepeats(int n, int i) {
        return (word(extraStart + penaltyStart(n) + 2 * i + 1) & 1) != 0;
    }

    /// How many token ids have a bias in sample `n`.
    public int biasCount(int n) {
        return word(sample(n) + 17);
    }

    int biasStart(int n) {
        return word(sample(n) + 16);
    }

    /// Where the sampled id of sample `n` is kept, from 0: no two samples that may be under way at once share a place.
    public int samplePlace(int n) {
        return word(sample(n) + 18);
    }

    /// The `i`-th biased token id of sample `n`.
    public int biasToken(int n, int i) {
        return word(extraStart + biasStart(n) + 2 * i);
    }

    /// What is added to the logit of the `i`-th biased token.
    public float biasValue(int n, int i) {
        return floating(extraStart + biasStart(n) + 2 * i + 1);
    }
}
