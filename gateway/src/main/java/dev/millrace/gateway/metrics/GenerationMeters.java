package dev.millrace.gateway.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.stream.DoubleStream;

/// What the gateway measures about generations: `millrace_ttft_seconds`, `millrace_inter_token_seconds` and
/// `millrace_tokens_total{kind}`.
public final class GenerationMeters {
    final Timer firstToken;
    final Timer interToken;
    final Counter promptTokens;
    final Counter completionTokens;

    /// @param registry where the meters live
    public GenerationMeters(MeterRegistry registry) {
        firstToken = Timer.builder("millrace.ttft")
                .description("Time from the arrival of a request to the first token of a choice")
                .serviceLevelObjectives(seconds(
                        0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 7.5, 10, 20, 30, 60))
                .register(registry);
        interToken = Timer.builder("millrace.inter.token")
                .description("Time from one token of a choice to the next")
                .serviceLevelObjectives(seconds(
                        0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3,
                        0.5, 1, 2, 5, 10))
                .register(registry);
        promptTokens = tokens(registry, "prompt");
        completionTokens = tokens(registry, "completion");
    }

    /// Measures one generation.
    ///
    /// @param arrivalNanos when its request arrived, by [System#nanoTime]
    /// @param choices how many choices it has
    public GenerationMeter meter(long arrivalNanos, int choices) {
        return new GenerationMeter(this, arrivalNanos, choices);
    }

    private static Counter tokens(MeterRegistry registry, String kind) {
        return Counter.builder("millrace.tokens")
                .description("Tokens that were read from prompts and generated")
                .tag("kind", kind)
                .register(registry);
    }

    private static Duration[] seconds(double... bounds) {
        return DoubleStream.of(bounds)
                .mapToObj(bound -> Duration.ofNanos(Math.round(bound * 1e9)))
                .toArray(Duration[]::new);
    }
}
