package dev.millrace.cli.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A started process whose output goes to the log, line by line. Its standard input stays open as long as this process
/// lives, so that its end tells that the parent is gone.
final class RunningProcess {
    private static final String ERROR = "error:";
    private static final String READY = "READY";

    private final ProcessSpec spec;
    private final Process process;
    private final Thread output;
    private final Thread errors;
    private volatile @Nullable String userError;

    private RunningProcess(ProcessSpec spec, Process process, ClusterLog log, Runnable onReady) {
        this.spec = spec;
        this.process = process;
        this.output = pump(process.getInputStream(), line -> {
            log.output(spec.name(), line);
            if (line.startsWith(READY)) {
                onReady.run();
            }
        });
        this.errors = pump(process.getErrorStream(), line -> {
            if (line.startsWith(ERROR)) {
                userError = line.substring(ERROR.length()).strip();
            } else {
                log.error(spec.name(), line);
            }
        });
    }

    /// `onReady` is run when the process says on a line that it is ready.
    static RunningProcess start(ProcessSpec spec, ClusterLog log, Runnable onReady) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(spec.command());
        builder.environment().putAll(spec.environment());
        return new RunningProcess(spec, builder.start(), log, onReady);
    }

    /// Waits for the end, and for the last of its output; returns the exit code.
    int waitFor() throws InterruptedException {
        int code = process.waitFor();
        drain();
        return code;
    }

    /// What it said on a line `error: ...` last, if it did; such a line is not in the log, since it is for its reader
    /// to
    /// say it once and in the right place.
    Optional<String> userError() {
        return Optional.ofNullable(userError);
    }

    /// Asks it to end, and makes it end after `grace`. Through its handle, since a Process that is destroyed closes its
    /// output, and the last words would be lost.
    void stop(Duration grace) throws InterruptedException {
        process.toHandle().destroy();
        if (!process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
            process.toHandle().destroyForcibly();
            process.waitFor();
        }
        drain();
    }

    /// A process of its making may hold the output open: what is left of it is not worth waiting for.
    private void drain() throws InterruptedException {
        output.join(Duration.ofSeconds(1));
        errors.join(Duration.ofSeconds(1));
    }

    private Thread pump(InputStream stream, Consumer<String> sink) {
        return Thread.ofPlatform().daemon().name(spec.name() + " log").start(() -> {
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, UTF_8))) {
                lines.lines().forEach(sink);
            } catch (IOException | UncheckedIOException closed) {
                // The process is gone, and its output with it.
                return;
            }
        });
    }
}
