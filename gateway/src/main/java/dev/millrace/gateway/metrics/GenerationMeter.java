package dev.millrace.gateway.metrics;

import dev.millrace.gateway.generation.AnswerEvent;
import dev.millrace.proto.v1.GenerationFinished;
import java.util.concurrent.TimeUnit;

/// Measures one generation by its events, which come one at a time.
public final class GenerationMeter {
    private final GenerationMeters meters;
    private final long arrivalNanos;

    /// When each choice had its latest token.
    private final long[] latestNanos;

    /// How many tokens of each choice came in deltas.
    private final int[] counted;

    GenerationMeter(GenerationMeters meters, long arrivalNanos, int choices) {
        this.meters = meters;
        this.arrivalNanos = arrivalNanos;
        this.latestNanos = new long[choices];
        this.counted = new int[choices];
    }

    /// Takes the next event.
    public void observe(AnswerEvent event) {
        switch (event) {
            case AnswerEvent.Started started ->
                meters.promptTokens.increment(started.facts().getPromptTokens());
            case AnswerEvent.Delta delta -> delta(delta);
            case AnswerEvent.Finished finished -> finished(finished.facts());
        }
    }

    private void delta(AnswerEvent.Delta delta) {
        int choice = delta.choice();
        int tokens = delta.tokens();
        if (tokens == 0 || choice >= counted.length) {
            return;
        }
        long now = System.nanoTime();
        if (counted[choice] == 0) {
            meters.firstToken.record(now - arrivalNanos, TimeUnit.NANOSECONDS);
        } else {
            // Tokens that come together share the time since the one before them.
            long gapNanos = (now - latestNanos[choice]) / tokens;
            for (int i = 0; i < tokens; i++) {
                meters.interToken.record(gapNanos, TimeUnit.NANOSECONDS);
            }
        }
        latestNanos[choice] = now;
        counted[choice] += tokens;
        meters.completionTokens.increment(tokens);
    }

    /// Tokens without text of their own, such as the one that ends a choice, are known only here.
    private void finished(GenerationFinished finished) {
        int choice = finished.getChoice();
        if (choice < counted.length) {
            meters.completionTokens.increment(Math.max(0, finished.getCompletionTokens() - counted[choice]));
        }
    }
}
