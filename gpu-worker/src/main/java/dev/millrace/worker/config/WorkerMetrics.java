package dev.millrace.worker.config;

import dev.millrace.worker.engine.EngineStatistics;
import dev.millrace.worker.ledger.Direction;
import dev.millrace.worker.ledger.Phase;
import dev.millrace.worker.ledger.StepLedger;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/// The ledger's and the engine's figures under the names that Millrace uses everywhere.
record WorkerMetrics(StepLedger ledger, EngineStatistics engine) implements MeterBinder {

    private static final double NANOS_PER_SECOND = 1e9;

    @Override
    public void bindTo(MeterRegistry registry) {
        for (Phase phase : Phase.values()) {
            FunctionCounter.builder("millrace.stage.seconds", ledger, of -> of.nanoseconds(phase) / NANOS_PER_SECOND)
                    .tag("phase", phase.label())
                    .description("Wall time of the stage's thread")
                    .register(registry);
        }
        for (Direction direction : Direction.values()) {
            FunctionCounter.builder("millrace.transfer.bytes", ledger, of -> of.bytes(direction))
                    .tag("direction", direction.label())
                    .description("Bytes to and from the device and the neighbour stages")
                    .register(registry);
            FunctionCounter.builder("millrace.transfers", ledger, of -> of.transfers(direction))
                    .tag("direction", direction.label())
                    .description("Transfers to and from the device and the neighbour stages")
                    .register(registry);
        }
        counter(registry, "millrace.steps", "Steps that the stage took part in", ledger, StepLedger::steps);
        counter(
                registry,
                "millrace.stage.tokens",
                "Tokens that passed the stage, prompts included",
                ledger,
                StepLedger::tokens);
        counter(
                registry,
                "millrace.tokens.generated",
                "Tokens that were sampled for a sequence; first stage only",
                engine,
                EngineStatistics::generatedTokens);
        counter(
                registry,
                "millrace.prefix.hit.tokens",
                "Tokens of prompts found in the prefix cache; first stage only",
                engine,
                EngineStatistics::prefixHitTokens);
        counter(
                registry,
                "millrace.preemptions",
                "Sequences put back into the queue because blocks ran out; first stage only",
                engine,
                EngineStatistics::preemptions);
        blocks(registry, "used", EngineStatistics::usedBlocks);
        blocks(registry, "cached", EngineStatistics::cachedBlocks);
        blocks(registry, "free", EngineStatistics::freeBlocks);
        sequences(registry, "running", EngineStatistics::runningSequences);
        sequences(registry, "waiting", EngineStatistics::waitingSequences);
    }

    private static <T> void counter(
            MeterRegistry registry, String name, String description, T source, ToDoubleFunction<T> value) {
        FunctionCounter.builder(name, source, value).description(description).register(registry);
    }

    private void blocks(MeterRegistry registry, String state, ToDoubleFunction<EngineStatistics> value) {
        Gauge.builder("millrace.kv.blocks", engine, value)
                .tag("state", state)
                .description("KV blocks of 16 tokens; first stage only")
                .register(registry);
    }

    private void sequences(MeterRegistry registry, String state, ToDoubleFunction<EngineStatistics> value) {
        Gauge.builder("millrace.sequences", engine, value)
                .tag("state", state)
                .description("Sequences in the engine; first stage only")
                .register(registry);
    }
}
