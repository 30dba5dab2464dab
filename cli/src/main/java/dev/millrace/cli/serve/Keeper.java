package dev.millrace.cli.serve;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Keeps one process running: starts it, starts it again when it dies, gives up where that leads nowhere.
final class Keeper {
    /// How a process ends when it is the user who has to put something right.
    private static final int USER_ERROR_CODE = 2;

    private final ProcessSpec spec;
    private final ClusterLog log;
    private final BooleanSupplier everReady;
    private final Consumer<String> giveUp;
    private final RestartPolicy policy = new RestartPolicy();
    private final Queue<Runnable> whenReady = new ConcurrentLinkedQueue<>();
    private @Nullable RunningProcess running;
    private boolean stopping;

    /// `everReady` tells whether the cluster has been ready; before that, a user's error ends it all. `giveUp` hears
    /// why,
    /// at the most once.
    Keeper(ProcessSpec spec, ClusterLog log, BooleanSupplier everReady, Consumer<String> giveUp) {
        this.spec = spec;
        this.log = log;
        this.everReady = everReady;
        this.giveUp = giveUp;
    }

    ProcessSpec spec() {
        return spec;
    }

    /// `action` is run when the process says for the first time that it is ready; to be asked for before the start.
    void whenReady(Runnable action) {
        whenReady.add(action);
    }

    void start() {
        Thread.ofPlatform().daemon().name(spec.name() + " keeper").start(this::keep);
    }

    /// Ends the process and does not start it again; returns when it is gone.
    void stop(Duration grace) throws InterruptedException {
        @Nullable RunningProcess last;
        synchronized (this) {
            stopping = true;
            notifyAll();
            last = running;
        }
        if (last != null) {
            last.stop(grace);
        }
    }

    private void keep() {
        try {
            for (@Nullable RunningProcess process = begin(); process != null; process = begin()) {
                int code = process.waitFor();
                if (isStopping() || !goesOn(process, code)) {
                    return;
                }
            }
        } catch (IOException failure) {
            giveUp.accept("cannot start %s: %s".formatted(spec.name(), failure.getMessage()));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void ready() {
        for (@Nullable Runnable action = whenReady.poll(); action != null; action = whenReady.poll()) {
            action.run();
        }
    }

    private synchronized @Nullable RunningProcess begin() throws IOException {
        if (stopping) {
            return null;
        }
        running = RunningProcess.start(spec, log, this::ready);
        return running;
    }

    /// Decides after a death; returns when it is time to start again, or false where it is not to be.
    private boolean goesOn(RunningProcess process, int code) throws InterruptedException {
        Optional<String> userError = process.userError();
        if (!everReady.getAsBoolean() && (code == USER_ERROR_CODE || (code == 1 && userError.isPresent()))) {
            giveUp.accept("%s cannot start: %s".formatted(spec.name(), userError.orElse("exit code " + code)));
            return false;
        }
        userError.ifPresent(text -> log.error(spec.name(), "error: " + text));
        Optional<Duration> pause = policy.pauseAfterDeath(System.nanoTime());
        if (pause.isEmpty()) {
            giveUp.accept("%s died %d times within a minute, at last with %s"
                    .formatted(spec.name(), RestartPolicy.MOST_DEATHS, describe(code)));
            return false;
        }
        log.own(String.format(
                Locale.ROOT,
                "%s died with %s; starting it again in %.1f s",
                spec.name(),
                describe(code),
                pause.get().toMillis() / 1e3));
        return waitUnlessStopping(pause.get());
    }

    private synchronized boolean waitUnlessStopping(Duration pause) throws InterruptedException {
        long end = System.nanoTime() + pause.toNanos();
        for (long left = pause.toNanos(); left > 0 && !stopping; left = end - System.nanoTime()) {
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
        return !stopping;
    }

    private synchronized boolean isStopping() {
        return stopping;
    }

    /// Java reports a signal as 128 and its number.
    private static String describe(int code) {
        return code > 128 ? "signal " + (code - 128) : "exit code " + code;
    }
}
