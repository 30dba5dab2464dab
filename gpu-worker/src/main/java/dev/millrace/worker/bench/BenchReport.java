package dev.millrace.worker.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Runs tests in turn and prints a line for each: a table for people, or a JSON object a line.
public final class BenchReport {

    private static final String ROW = "| %-22s | %-34s | %-34s | %-16s |%n";

    private final Meter meter;
    private final ModelCosts costs;
    private final boolean json;
    private final PrintStream out;

    /// @param costs what the model takes, of which rates are worked out
    public BenchReport(Meter meter, ModelCosts costs, boolean json, PrintStream out) {
        this.meter = meter;
        this.costs = costs;
        this.json = json;
        this.out = out;
    }

    /// Each test is measured `repeat` times.
    public void print(List<BenchTest> tests, int repeat) {
        if (!json) {
            out.printf(ROW, "test", "tokens/s: median (min to max)", "tokens/CPU-s: median (min to max)", "at least");
            out.printf(ROW, "---", "---", "---", "---");
        }
        for (BenchTest test : tests) {
            List<Measurement> measurements = new ArrayList<>();
            for (int run = 0; run < repeat; run++) {
                measurements.add(meter.measure(test));
            }
            print(test, measurements);
        }
    }

    private void print(BenchTest test, List<Measurement> measurements) {
        Spread wall = Spread.of(measurements, Measurement::tokensPerSecond);
        Spread cpu = Spread.of(measurements, Measurement::tokensPerCpuSecond);
        double perSecond = test.work(costs) / test.tokens() * wall.median();
        if (json) {
            out.printf(
                    Locale.ROOT,
                    "{\"test\": \"%s\", \"tokens_per_second\": %s, \"tokens_per_cpu_second\": %s, \"%s\": %.0f, "
                            + "\"start_microseconds\": %s}%n",
                    test.label(),
                    wall.json(),
                    cpu.json(),
                    test.bound().key(),
                    perSecond,
                    Spread.of(measurements, Measurement::startMicros).json());
        } else {
            out.printf(ROW, test.label(), wall.text(), cpu.text(), test.bound().text(perSecond));
        }
        out.flush();
    }
}
