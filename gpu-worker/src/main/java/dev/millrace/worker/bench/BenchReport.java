package dev.millrace.worker.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/// Runs tests in turn and prints a line for each: a table for people, or a JSON object a line.
public final class BenchReport {

    private static final String ROW = "| %-22s | %-34s | %-34s |%n";

    private final Meter meter;
    private final boolean json;
    private final PrintStream out;

    public BenchReport(Meter meter, boolean json, PrintStream out) {
        this.meter = meter;
        this.json = json;
        this.out = out;
    }

    /// Each test is measured `repeat` times.
    public void print(List<BenchTest> tests, int repeat) {
        if (!json) {
            out.printf(ROW, "test", "tokens/s: median (min to max)", "tokens/CPU-s: median (min to max)");
            out.printf(ROW, "---", "---", "---");
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
        if (json) {
            out.printf(
                    "{\"test\": \"%s\", \"tokens_per_second\": %s, \"tokens_per_cpu_second\": %s}%n",
                    test.label(), wall.json(), cpu.json());
        } else {
            out.printf(ROW, test.label(), wall.text(), cpu.text());
        }
        out.flush();
    }
}
