package dev.millrace.cli.serve;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Looks after the processes of a cluster from start to stop.
final class Supervisor {
    static final Duration GRACE = Duration.ofSeconds(10);

    private final Duration grace;
    private final List<Keeper> keepers = new ArrayList<>();
    private final CompletableFuture<String> givenUp = new CompletableFuture<>();
    private final CountDownLatch notYetReady;
    private volatile boolean everReady;

    /// The last of `processes` is what clients talk to; `grace` is what a process has for ending by itself.
    Supervisor(List<ProcessSpec> processes, ClusterLog log, Duration grace) {
        this.grace = grace;
        for (ProcessSpec process : processes) {
            keepers.add(new Keeper(process, log, () -> everReady, givenUp::complete));
        }
        notYetReady = new CountDownLatch(keepers.size());
        keepers.forEach(keeper -> keeper.whenReady(notYetReady::countDown));
    }

    /// Each process starts when the one it comes after is ready.
    void start() {
        for (Keeper keeper : keepers) {
            keepers.stream()
                    .filter(other -> other.spec().name().equals(keeper.spec().after()))
                    .forEach(other -> other.whenReady(keeper::start));
        }
        keepers.stream().filter(keeper -> keeper.spec().after().isEmpty()).forEach(Keeper::start);
    }

    /// True once each process has said that it is ready; before that the cluster cannot be.
    boolean everyProcessWasReady() {
        return notYetReady.getCount() == 0;
    }

    /// From now on a process that dies is started again whatever its exit code says.
    void ready() {
        everReady = true;
    }

    /// Waits at most `patience` for the reason to give up.
    Optional<String> awaitGivingUp(Duration patience) throws InterruptedException {
        try {
            return Optional.of(givenUp.get(patience.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException stillRunning) {
            return Optional.empty();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// Stops what clients talk to first, then all others at once; returns when they are gone.
    void stop() throws InterruptedException {
        keepers.getLast().stop(grace);
        List<Thread> stops = keepers.stream().map(this::stopAside).toList();
        for (Thread stop : stops) {
            stop.join();
        }
    }

    private Thread stopAside(Keeper keeper) {
        return Thread.ofPlatform().daemon().start(() -> {
            try {
                keeper.stop(grace);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
