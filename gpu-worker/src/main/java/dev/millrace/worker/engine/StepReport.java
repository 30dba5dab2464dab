package dev.millrace.worker.engine;

import dev.millrace.worker.schedule.FinishReason;
import dev.millrace.worker.schedule.RefusalReason;
import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepOutput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What one step, or the work between two steps, brought to one client. Filled by the engine and reused from step to
/// step; it allocates only while it grows. Sequences are named by the ids that the client chose.
public final class StepReport {

    private static final int LOGPROB_ENTRIES = SamplingParameters.MAX_TOP_LOGPROBS;

    private final long epoch;
    private long step;
    private long[] accepted = new long[8];
    private int acceptedCount;
    private final List<Refusal> refused = new ArrayList<>();
    private long[] tokenSequences = new long[8];
    private int[] tokenIds = new int[8];
    private int[] tokenIndexes = new int[8];
    private int tokenCount;
    private float[] logprobs = new float[0];
    private int[] topCounts = new int[0];
    private int[] topTokenIds = new int[0];
    private float[] topLogprobs = new float[0];
    private int logprobCount;
    private long[] finished = new long[8];
    private FinishReason[] finishReasons = new FinishReason[8];
    private int[] cachedPromptTokens = new int[8];
    private int finishedCount;

    /// A sequence that was not accepted, why, and one sentence with the numbers.
    public record Refusal(long sequenceId, RefusalReason reason, String message) {}

    StepReport(long epoch) {
        this.epoch = epoch;
    }

    /// The pipeline's epoch.
    public long epoch() {
        return epoch;
    }

    /// The step that gave the tokens; 0 when there are none.
    public long step() {
        return step;
    }

    /// How many sequences entered the waiting queue.
    public int acceptedCount() {
        return acceptedCount;
    }

    /// The `i`-th sequence that entered the waiting queue.
    public long accepted(int i) {
        return accepted[i];
    }

    /// Sequences that were refused; a view, valid as long as the report.
    public List<Refusal> refused() {
        return refused;
    }

    /// How many tokens there are.
    public int tokenCount() {
        return tokenCount;
    }

    /// The sequence of token `i`.
    public long tokenSequence(int i) {
        return tokenSequences[i];
    }

    /// The id of token `i`.
    public int tokenId(int i) {
        return tokenIds[i];
    }

    /// The position of token `i` in its sequence's output, from 0.
    public int tokenIndex(int i) {
        return tokenIndexes[i];
    }

    /// How many tokens have log probabilities: those whose sequences asked for them, in the order of the tokens.
    public int logprobCount() {
        return logprobCount;
    }

    /// Natural logarithm of the `i`-th such token's probability.
    public float logprob(int i) {
        return logprobs[i];
    }

    /// How many likeliest tokens are listed for the `i`-th such token.
    public int topCount(int i) {
        return topCounts[i];
    }

    /// The `k`-th likeliest token id there, likeliest first.
    public int topTokenId(int i, int k) {
        return topTokenIds[LOGPROB_ENTRIES * i + k];
    }

    /// Its log probability.
    public float topLogprob(int i, int k) {
        return topLogprobs[LOGPROB_ENTRIES * i + k];
    }

    /// How many sequences ended by themselves.
    public int finishedCount() {
        return finishedCount;
    }

    /// The `i`-th sequence that ended by itself; all its tokens are in this report or in earlier ones.
    public long finished(int i) {
        return finished[i];
    }

    /// Why it ended.
    public FinishReason finishReason(int i) {
        return finishReasons[i];
    }

    /// Tokens of its prompt whose KV blocks were found in the prefix cache.
    public int cachedPromptTokens(int i) {
        return cachedPromptTokens[i];
    }

    boolean isEmpty() {
        return acceptedCount == 0 && refused.isEmpty() && tokenCount == 0 && finishedCount == 0;
    }

    void clear() {
        step = 0;
        acceptedCount = 0;
        refused.clear();
        tokenCount = 0;
        logprobCount = 0;
        finishedCount = 0;
    }

    void accept(long sequenceId) {
        if (acceptedCount == accepted.length) {
            accepted = Arrays.copyOf(accepted, 2 * acceptedCount);
        }
        accepted[acceptedCount++] = sequenceId;
    }

    void refuse(long sequenceId, RefusalReason reason, String message) {
        refused.add(new Refusal(sequenceId, reason, message));
    }

    void token(long sequenceId, int index, StepOutput output, int n, boolean withLogprob) {
        if (tokenCount == tokenIds.length) {
            tokenSequences = Arrays.copyOf(tokenSequences, 2 * tokenCount);
            tokenIds = Arrays.copyOf(tokenIds, 2 * tokenCount);
            tokenIndexes = Arrays.copyOf(tokenIndexes, 2 * tokenCount);
        }
        step = output.step();
        tokenSequences[tokenCount] = sequenceId;
        tokenIds[tokenCount] = output.tokenId(n);
        tokenIndexes[tokenCount] = index;
        tokenCount++;
        if (withLogprob) {
            logprob(output, n);
        }
    }

    private void logprob(StepOutput output, int n) {
        if (logprobCount == logprobs.length) {
            int capacity = Math.max(8, 2 * logprobCount);
            logprobs = Arrays.copyOf(logprobs, capacity);
            topCounts = Arrays.copyOf(topCounts, capacity);
            topTokenIds = Arrays.copyOf(topTokenIds, LOGPROB_ENTRIES * capacity);
            topLogprobs = Arrays.copyOf(topLogprobs, LOGPROB_ENTRIES * capacity);
        }
        logprobs[logprobCount] = output.logprob(n);
        int count = output.topCount(n);
        topCounts[logprobCount] = count;
        for (int k = 0; k < count; k++) {
            topTokenIds[LOGPROB_ENTRIES * logprobCount + k] = output.topTokenId(n, k);
            topLogprobs[LOGPROB_ENTRIES * logprobCount + k] = output.topLogprob(n, k);
        }
        logprobCount++;
    }

    void finish(long sequenceId, FinishReason reason, int cachedTokens) {
        if (finishedCount == finished.length) {
            finished = Arrays.copyOf(finished, 2 * finishedCount);
            finishReasons = Arrays.copyOf(finishReasons, 2 * finishedCount);
            cachedPromptTokens = Arrays.copyOf(cachedPromptTokens, 2 * finishedCount);
        }
        finished[finishedCount] = sequenceId;
        finishReasons[finishedCount] = reason;
        cachedPromptTokens[finishedCount] = cachedTokens;
        finishedCount++;
    }
}
