package dev.millrace.worker.schedule;

import dev.millrace.worker.step.SamplingParameters;
import java.util.Random;

/// Requests for tests.
public final class Requests {

    private Requests() {}

    /// A greedy request without end tokens.
    public static SequenceRequest greedy(int[] prompt, int maxTokens) {
        return new SequenceRequest(
                prompt, 0, maxTokens, new int[0], SamplingParameters.GREEDY, new int[0], new float[0]);
    }

    /// A prompt of that many tokens.
    public static int[] prompt(int length, long seed) {
        return new Random(seed).ints(length, 0, FakeModel.VOCABULARY).toArray();
    }

    /// Any request: prompts often begin alike, some penalise, are seeded or biased, some have end tokens.
    public static SequenceRequest any(Random random, int maxPrompt, int maxTokens) {
        int[] prompt = new int[1 + random.nextInt(maxPrompt)];
        int differs = random.nextInt(3 * prompt.length);
        for (int i = differs; i < prompt.length; i++) {
            prompt[i] = random.nextInt(3);
        }
        int[] endTokens = random.nextInt(3) == 0 ? new int[] {5, 50} : new int[0];
        boolean biased = random.nextInt(4) == 0;
        return new SequenceRequest(
                prompt,
                0,
                1 + random.nextInt(maxTokens),
                endTokens,
                sampling(random),
                biased ? new int[] {random.nextInt(9)} : new int[0],
                biased ? new float[] {random.nextInt(9)} : new float[0]);
    }

    private static SamplingParameters sampling(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> new SamplingParameters(1f, 0.9f, 40, 0.1f, random.nextLong(), 0.5f, 0.25f, 1.1f, -1);
            case 1 -> new SamplingParameters(1f, 1f, 0, 0f, random.nextLong(), 0f, 0f, 1.2f, random.nextInt(4));
            case 2 -> new SamplingParameters(1f, 1f, 0, 0f, random.nextLong(), 0f, 1f, 1f, -1);
            default -> SamplingParameters.GREEDY;
        };
    }
}
