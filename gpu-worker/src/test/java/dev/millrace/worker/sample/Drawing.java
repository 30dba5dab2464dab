package dev.millrace.worker.sample;

import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepInputBuilder;
import dev.millrace.worker.step.StepOutput;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Consumer;

/// Samples from given logits.
final class Drawing {

    private Drawing() {}

    /// The token at `position`, with penalties and biases that `more` adds.
    static StepOutput sample(
            float[] logits, SamplingParameters parameters, int position, Consumer<StepInputBuilder> more) {
        return sample(logits, parameters, position, -1, new int[1], more);
    }

    /// The token after one that the step names by its place.
    static StepOutput after(int id, float[] logits, SamplingParameters parameters, Consumer<StepInputBuilder> more) {
        return sample(logits, parameters, 8, 2, new int[] {9, 9, id}, more);
    }

    private static StepOutput sample(
            float[] logits,
            SamplingParameters parameters,
            int position,
            int place,
            int[] ids,
            Consumer<StepInputBuilder> more) {
        StepInputBuilder builder = new StepInputBuilder();
        int[] blocks = new int[position / StepInput.BLOCK_TOKENS + 1];
        builder.sequence(new int[position], position - 1, 1, blocks, place);
        builder.sample(77, 0, parameters);
        more.accept(builder);
        StepInput step = new StepInput(64);
        builder.build(1, 1, step);
        SampledToken token = new SampledToken();
        new Sampler(logits.length).sample(MemorySegment.ofArray(logits), 0, step, 0, ids, token);
        StepOutput output = new StepOutput(1);
        output.begin(1, 1);
        token.addTo(output, step.sampleSequence(0));
        return output;
    }

    static int token(float[] logits, SamplingParameters parameters, int position) {
        return sample(logits, parameters, position, builder -> {}).tokenId(0);
    }

    static SamplingParameters parameters(float temperature, float topP, int topK, float minP, long seed) {
        return new SamplingParameters(temperature, topP, topK, minP, seed, 0f, 0f, 1f, -1);
    }

    /// How often each token is drawn with as many seeds.
    static int[] counts(float[] logits, float temperature, float topP, int topK, float minP, int draws) {
        int[] counts = new int[logits.length];
        for (int draw = 0; draw < draws; draw++) {
            counts[token(logits, parameters(temperature, topP, topK, minP, 1000L + draw), 5)]++;
        }
        return counts;
    }

    /// The probabilities after temperature, top-k, top-p and min-p, worked out by sorting.
    static double[] expected(float[] logits, float temperature, float topP, int topK, float minP) {
        Integer[] order = new Integer[logits.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> logits[a] != logits[b] ? Float.compare(logits[b], logits[a]) : a - b);
        double[] weights = new double[logits.length];
        int left = topK > 0 ? Math.min(topK, logits.length) : logits.length;
        double total = 0;
        for (int rank = 0; rank < left; rank++) {
            weights[order[rank]] = Math.exp((logits[order[rank]] - logits[order[0]]) / (double) temperature);
            total += weights[order[rank]];
        }
        double before = 0;
        double kept = 0;
        for (int rank = 0; rank < left; rank++) {
            double weight = weights[order[rank]];
            boolean cut = rank > 0 && (before >= topP * total && topP < 1 || weight < minP);
            before += weight;
            weights[order[rank]] = cut ? 0 : weight;
            kept += cut ? 0 : weight;
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= kept;
        }
        return weights;
    }
}
