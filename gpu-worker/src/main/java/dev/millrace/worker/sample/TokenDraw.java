package dev.millrace.worker.sample;

import dev.millrace.worker.step.StepInput;

/// Draws a token after temperature, top-k, top-p and min-p, in this order: top-p counts the probabilities that top-k
/// left, min-p compares with the likeliest token. All three cut the list of tokens by falling probability, so what is
/// left is the beginning of that list.
final class TokenDraw {

    private final Candidates candidates;

    TokenDraw(int vocabularySize) {
        candidates = new Candidates(vocabularySize);
    }

    /// A token id, or `likeliest` where the logits allow no draw (infinite or not a number).
    int draw(float[] logits, int likeliest, StepInput input, int n) {
        candidates.gather(logits, logits[likeliest], input.temperature(n));
        if (candidates.count() == 0) {
            return likeliest;
        }
        double uniform = Philox.uniform(input.seed(n), input.samplePosition(n));
        int topK = input.topK(n) > 0 ? Math.min(input.topK(n), candidates.count()) : candidates.count();
        float topP = input.topP(n);
        if (topK == candidates.count() && !(topP < 1f)) {
            return drawByIds(uniform, input.minP(n));
        }
        candidates.heapify();
        return drawByRank(uniform, topK, topP, input.minP(n));
    }

    private int drawByIds(double uniform, float minP) {
        double kept = 0;
        for (int index = 0; index < candidates.count(); index++) {
            double weight = candidates.weight(index);
            kept += weight >= minP ? weight : 0;
        }
        double left = uniform * kept;
        int last = 0;
        for (int index = 0; index < candidates.count(); index++) {
            double weight = candidates.weight(index);
            if (weight >= minP) {
                last = candidates.id(index);
                left -= weight;
                if (left < 0) {
                    break;
                }
            }
        }
        return last;
    }

    private int drawByRank(double uniform, int topK, float topP, float minP) {
        boolean cutByRank = topK < candidates.count();
        double total = cutByRank ? popAll(topK) : candidates.totalWeight();
        double wanted = topP < 1f ? topP * total : Double.POSITIVE_INFINITY;
        double kept = 0;
        int keptCount = 0;
        while (keptCount < topK && (keptCount == 0 || kept < wanted)) {
            if (!cutByRank) {
                candidates.pop();
            }
            double weight = candidates.weight(candidates.poppedIndex(keptCount));
            if (keptCount > 0 && weight < minP) {
                break;
            }
            kept += weight;
            keptCount++;
        }
        double left = uniform * kept;
        int rank = 0;
        while (rank < keptCount - 1) {
            left -= candidates.weight(candidates.poppedIndex(rank));
            if (left < 0) {
                break;
            }
            rank++;
        }
        return candidates.id(candidates.poppedIndex(rank));
    }

    private double popAll(int topK) {
        double total = 0;
        for (int rank = 0; rank < topK; rank++) {
            candidates.pop();
            total += candidates.weight(candidates.poppedIndex(rank));
        }
        return total;
    }
}
