package dev.millrace.worker.step;

/// How the next token of one sequence is chosen; every value is final and checked.
///
/// @param temperature divides the logits before the softmax; 0 takes the likeliest token
/// @param topP keeps the likeliest tokens whose probabilities sum up to this; 1 keeps all
/// @param topK keeps this many of the likeliest tokens; 0 keeps all
/// @param minP drops tokens less likely than this share of the likeliest one; 0 drops none
/// @param seed with the position of a token the only source of its random number
/// @param presencePenalty subtracted once from the logit of a token that was generated before
/// @param frequencyPenalty subtracted for each time that a token was generated before
/// @param repeatPenalty divides positive and multiplies negative logits of recent tokens; 1 changes none
/// @param topLogprobs how many likeliest tokens are listed with the chosen one; -1 gives no log probabilities at all
public record SamplingParameters(
        float temperature,
        float topP,
        int topK,
        float minP,
        long seed,
        float presencePenalty,
        float frequencyPenalty,
        float repeatPenalty,
        int topLogprobs) {

    /// Takes the likeliest token each time.
    public static final SamplingParameters GREEDY = new SamplingParameters(0f, 1f, 0, 0f, 0L, 0f, 0f, 1f, -1);

    /// Tokens at the end of prompt and output that the repeat penalty looks at.
    public static final int REPEAT_WINDOW_TOKENS = 64;

    /// The most tokens that can be listed with a chosen one.
    public static final int MAX_TOP_LOGPROBS = 20;

    /// The most tokens that can have a bias.
    public static final int MAX_BIASES = 1024;

    /// True when the sampler has to know which tokens came before.
    public boolean penalizes() {
        return presencePenalty != 0f || frequencyPenalty != 0f || repeatPenalty != 1f;
    }
}
