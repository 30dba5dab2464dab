package dev.millrace.worker.schedule;

import dev.millrace.worker.step.SamplingParameters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What [FakeModel] has to give for a request, computed without blocks, batches or chunks.
public final class Oracle {

    static final int START = 17;

    private Oracle() {}

    static int see(int state, int value) {
        return state * 31 + value + 1;
    }

    /// A hidden state that a float holds exactly.
    static int output(int state) {
        int mixed = state * 0x9e3779b1;
        return (mixed ^ mixed >>> 15) & 0xfffff;
    }

    static int seed(int hidden, long seed, int position) {
        return hidden * 31 + Long.hashCode(seed) * 7 + position;
    }

    /// Does not depend on the order in which penalised tokens are listed.
    static int penalty(int token, int generated, boolean repeats) {
        return output((token * 64 + generated) * 2 + (repeats ? 1 : 0));
    }

    static int token(int state, int penalties, float biases) {
        return Math.floorMod(output(state + penalties + (int) biases), FakeModel.VOCABULARY);
    }

    /// The output of a request from index `generatedCount` on, in a context of that many tokens.
    public static List<Integer> continuation(SequenceRequest request, int contextLength) {
        List<Integer> tokens = new ArrayList<>();
        List<List<Integer>> layers = new ArrayList<>();
        for (int layer = 0; layer < FakeModel.LAYERS; layer++) {
            layers.add(new ArrayList<>());
        }
        int hidden = 0;
        for (int token : request.tokenIds()) {
            tokens.add(token);
            hidden = feed(layers, token);
        }
        int promptLength = tokens.size() - request.generatedCount();
        List<Integer> output = new ArrayList<>();
        while (true) {
            int token = next(request, tokens, promptLength, hidden);
            tokens.add(token);
            output.add(token);
            boolean ends = tokens.size() - promptLength == request.maxTokens() || tokens.size() == contextLength;
            for (int end : request.endTokenIds()) {
                ends |= token == end;
            }
            if (ends) {
                return output;
            }
            hidden = feed(layers, token);
        }
    }

    private static int feed(List<List<Integer>> layers, int token) {
        int hidden = token;
        for (List<Integer> layer : layers) {
            layer.add(hidden);
            int state = START;
            for (int value : layer) {
                state = see(state, value);
            }
            hidden = output(state);
        }
        return hidden;
    }

    private static int next(SequenceRequest request, List<Integer> tokens, int promptLength, int hidden) {
        SamplingParameters sampling = request.sampling();
        int penalties = 0;
        if (sampling.penalizes()) {
            Map<Integer, Integer> generated = new HashMap<>();
            if (sampling.presencePenalty() != 0 || sampling.frequencyPenalty() != 0) {
                tokens.subList(promptLength, tokens.size()).forEach(token -> generated.merge(token, 1, Integer::sum));
            }
            List<Integer> window = sampling.repeatPenalty() == 1f
                    ? List.of()
                    : tokens.subList(Math.max(0, tokens.size() - 64), tokens.size());
            for (int token = 0; token < FakeModel.VOCABULARY; token++) {
                if (generated.containsKey(token) || window.contains(token)) {
                    penalties += penalty(token, generated.getOrDefault(token, 0), window.contains(token));
                }
            }
        }
        float biases = 0;
        for (int i = 0; i < request.biasTokenIds().length; i++) {
            biases += request.biasTokenIds()[i] * request.biasValues()[i];
        }
        return token(seed(hidden, sampling.seed(), tokens.size()), penalties, biases);
    }
}
