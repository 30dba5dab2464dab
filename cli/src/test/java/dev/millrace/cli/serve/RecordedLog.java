package dev.millrace.cli.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;

/// A cluster's log that a test can read and wait for.
final class RecordedLog {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream stream = new PrintStream(bytes, true, UTF_8);
    final ClusterLog log = new ClusterLog(stream, stream, false, 8);

    String text() {
        return bytes.toString(UTF_8);
    }

    /// Waits until `line` is there as often as said.
    void await(String line, int times) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (text().lines().filter(line::equals).count() < times) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("waited in vain for '" + line + "' in:\n" + text());
            }
            Thread.sleep(10);
        }
    }
}
