package dev.millrace.worker.bench;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/// Runs tests of one model and says what they took. A kind of test that was not run yet is run without being measured
/// first, until the JIT compiler has seen enough of it.
public final class Meter {

    private final BenchedModel model;
    private final Duration warmUp;
    private final Set<BenchTest> warm = new HashSet<>();

    /// A kind of test runs for `warmUp`, and once at least, before it is measured for the first time.
    public Meter(BenchedModel model, Duration warmUp) {
        this.model = model;
        this.warmUp = warmUp;
    }

    Measurement measure(BenchTest test) {
        test.prepare(model);
        warmUp(test);
        long steps = model.steps();
        long startNanos = model.startNanos();
        long cpuNanos = CpuTime.nanos();
        long wallNanos = System.nanoTime();
        test.run(model);
        return new Measurement(
                test.tokens(),
                (System.nanoTime() - wallNanos) / 1e9,
                (CpuTime.nanos() - cpuNanos) / 1e9,
                (model.startNanos() - startNanos) / 1e3 / (model.steps() - steps));
    }

    private void warmUp(BenchTest test) {
        if (warm.add(test)) {
            long startNanos = System.nanoTime();
            do {
                test.run(model);
            } while (System.nanoTime() - startNanos < warmUp.toNanos());
        }
    }
}
