package dev.millrace.gateway.openai;

import dev.millrace.proto.v1.GeneratedToken;

/// Writes the log probabilities of one choice as JSON.
interface LogprobsWriter {
    /// OpenAI's value for a probability of nothing; JSON has no infinity.
    float IMPOSSIBLE = -9999f;

    /// Takes the next token of the choice.
    void add(GeneratedToken token);

    /// Appends an object with the tokens since the last call.
    void drainTo(StringBuilder out);

    /// Appends a natural logarithm that JSON can hold.
    static void appendNumber(StringBuilder out, float logprob) {
        out.append(Float.isFinite(logprob) ? logprob : IMPOSSIBLE);
    }
}
