package dev.millrace.cli.chat;

import java.time.Duration;
import java.util.Locale;

/// A whole answer and how long it took.
///
/// @param text what the model said
/// @param tokens how many tokens that was, as the server counts them
/// @param timeToFirstToken from sending the question to the first text
/// @param generation from the first text to the last
record Answer(String text, long tokens, Duration timeToFirstToken, Duration generation) {
    /// `46 tokens, 35.2 tokens/s, TTFT 0.12 s`; the first token is not in the rate, since it waited for the prompt.
    String statistics() {
        double seconds = generation.toNanos() / 1e9;
        String rate =
                tokens > 1 && seconds > 0 ? String.format(Locale.ROOT, "%.1f tokens/s, ", (tokens - 1) / seconds) : "";
        return String.format(
                Locale.ROOT,
                "%d %s, %sTTFT %.2f s",
                tokens,
                tokens == 1 ? "token" : "tokens",
                rate,
                timeToFirstToken.toNanos() / 1e9);
    }
}
