package dev.millrace.worker.sample;

import dev.millrace.worker.step.StepInput;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Chooses a token from logits: penalties, biases, then the likeliest token (temperature 0; the lowest id among equal
/// ones) or a draw after temperature, top-k, top-p and min-p. The random number is a function of seed and position, so
/// a replay draws the same token. Has scratch for one row and is used by one thread; allocates nothing per token.
public final class Sampler {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final float[] logits;
    private final TokenDraw draw;

    /// Makes room for rows of `vocabularySize` logits.
    public Sampler(int vocabularySize) {
        logits = new float[vocabularySize];
        draw = new TokenDraw(vocabularySize);
    }

    /// Bytes that a sampler for that many logits takes.
    public static long scratchBytes(int vocabularySize) {
        return 3L * Float.BYTES * vocabularySize;
    }

    /// Whether sample `n` takes the likeliest token of its logits as they are and wants to know nothing else.
    public static boolean takesLikeliest(StepInput input, int n) {
        return !(input.temperature(n) > 0f)
                && input.topLogprobs(n) < 0
                && input.penaltyCount(n) == 0
                && input.biasCount(n) == 0
                && (input.pendingPlace(n) < 0 || !penalizes(input, n));
    }

    private static boolean penalizes(StepInput input, int n) {
        return input.repeatPenalty(n) != 1f || input.presencePenalty(n) != 0f || input.frequencyPenalty(n) != 0f;
    }

    /// Chooses the token of sample `n` from its logits `[V] f32` that start at `offset`.
    ///
    /// @param ids what was sampled last at each place
    public void sample(MemorySegment source, long offset, StepInput input, int n, int[] ids, SampledToken result) {
        MemorySegment.copy(source, FLOAT, offset, logits, 0, logits.length);
        boolean wantsLogprobs = input.topLogprobs(n) >= 0;
        double logSumExp = 0;
        result.listed = 0;
        if (wantsLogprobs) {
            logSumExp = LogProbabilities.logSumExp(logits, logits[likeliest()]);
            LogProbabilities.list(logits, input.topLogprobs(n), logSumExp, result);
        }
        penalize(input, n, ids);
        for (int i = 0; i < input.biasCount(n); i++) {
            logits[input.biasToken(n, i)] += input.biasValue(n, i);
        }
        int likeliest = likeliest();
        result.tokenId = input.temperature(n) > 0f ? draw.draw(logits, likeliest, input, n) : likeliest;
        result.logprob =
                wantsLogprobs ? (float) (source.get(FLOAT, offset + 4L * result.tokenId) - logSumExp) : Float.NaN;
    }

    /// The token that was not known when the step was packed counts once more, and is within the window.
    private void penalize(StepInput input, int n, int[] ids) {
        int place = input.pendingPlace(n);
        int pending = place < 0 ? -1 : ids[place];
        boolean listed = place < 0;
        for (int i = 0; i < input.penaltyCount(n); i++) {
            int id = input.penaltyToken(n, i);
            if (id == pending) {
                listed = true;
                penalize(id, input, n, input.penaltyGenerated(n, i) + 1, true);
            } else {
                penalize(id, input, n, input.penaltyGenerated(n, i), input.penaltyRepeats(n, i));
            }
        }
        if (!listed) {
            penalize(pending, input, n, 1, true);
        }
    }

    private void penalize(int id, StepInput input, int n, int generated, boolean repeats) {
        if (repeats) {
            float repeat = input.repeatPenalty(n);
            logits[id] = logits[id] > 0f ? logits[id] / repeat : logits[id] * repeat;
        }
        if (generated > 0) {
            logits[id] -= input.presencePenalty(n) + generated * input.frequencyPenalty(n);
        }
    }

    /// The lowest id of the highest logit; 0 where none is above negative infinity.
    private int likeliest() {
        int best = 0;
        float highest = Float.NEGATIVE_INFINITY;
        for (int id = 0; id < logits.length; id++) {
            if (logits[id] > highest) {
                highest = logits[id];
                best = id;
            }
        }
        return best;
    }
}
