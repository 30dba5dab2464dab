package dev.millrace.worker.sample;

/// Log probabilities under the plain softmax of the raw logits: what the model said, before penalties, temperature and
/// cuts.
final class LogProbabilities {

    /// Terms below this share of the largest change nothing that an f32 could show.
    private static final float LOWEST_EXPONENT = -30f;

    private LogProbabilities() {}

    /// The logarithm of the sum of all `exp(logit)`, which turns a logit into a log probability.
    static double logSumExp(float[] logits, float highest) {
        double sum = 0;
        for (float logit : logits) {
            float exponent = logit - highest;
            if (exponent >= LOWEST_EXPONENT) {
                sum += Math.exp(exponent);
            }
        }
        return highest + Math.log(sum);
    }

    /// Lists the likeliest `count` tokens in `result`, likeliest first, the lowest id first among equal ones.
    static void list(float[] logits, int count, double logSumExp, SampledToken result) {
        int wanted = Math.min(count, logits.length);
        int listed = 0;
        for (int id = 0; id < logits.length; id++) {
            float logit = logits[id];
            if (listed == wanted && !(listed > 0 && logit > result.topLogprobs[listed - 1])) {
                continue;
            }
            int at = listed < wanted ? listed++ : listed - 1;
            while (at > 0 && logit > result.topLogprobs[at - 1]) {
                result.topLogprobs[at] = result.topLogprobs[at - 1];
                result.topIds[at] = result.topIds[at - 1];
                at--;
            }
            result.topLogprobs[at] = logit;
            result.topIds[at] = id;
        }
        for (int rank = 0; rank < listed; rank++) {
            result.topLogprobs[rank] = (float) (result.topLogprobs[rank] - logSumExp);
        }
        result.listed = listed;
    }
}
