package dev.millrace.cli.serve;

import dev.millrace.cli.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// The JVM's ahead-of-time caches, which make processes start in a third of the time. Written once by a run of each
/// service that starts and ends by itself, and again when the program, its libraries or the JDK have changed.
final class StartupCaches {
    /// Tells a service to load what it needs for serving, and to end without having served.
    private static final String TRAIN = "MILLRACE_TRAIN";
    private static final String LOG = "startup-training.log";
    private static final int LONGEST_RUN_SECONDS = 300;

    private final Installation installation;
    private final JavaCommand java;
    private final ClusterLog log;
    private final AtomicBoolean stopping = new AtomicBoolean();

    StartupCaches(Installation installation, JavaCommand java, ClusterLog log) {
        this.installation = installation;
        this.java = java;
        this.log = log;
    }

    /// Returns when all caches are there that can be there: one that cannot be written costs time at each start,
    /// and nothing else.
    void prepare(Path model) throws InterruptedException {
        List<Training> trainings = new CopyOnWriteArrayList<>();
        Thread abandon = new Thread(() -> abandon(trainings), "abandon training");
        Runtime.getRuntime().addShutdownHook(abandon);
        try {
            for (Service service : Service.values()) {
                CacheKey key = CacheKey.of(installation, java.flags(service), service);
                if (!key.isStoredIn(keyFile(service))) {
                    trainings.add(begin(service, key, model));
                }
            }
            if (!trainings.isEmpty()) {
                log.own("preparing start-up caches (once)");
            }
            for (Training training : trainings) {
                finish(training);
            }
        } catch (IOException failure) {
            log.own("start-up caches cannot be written, starting takes longer: " + failure.getMessage());
        } finally {
            trainings.forEach(Training::abandon);
            forget(abandon);
        }
    }

    private void abandon(List<Training> trainings) {
        stopping.set(true);
        trainings.forEach(Training::abandon);
    }

    /// Where a signal came in between, the hook runs already: then there is nothing left to start, and the end is near.
    private static void forget(Thread hook) throws InterruptedException {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException stopping) {
            new CountDownLatch(1).await();
        }
    }

    private Training begin(Service service, CacheKey key, Path model) throws IOException {
        Path target = installation.target(service.module());
        Files.deleteIfExists(keyFile(service));
        Files.deleteIfExists(java.cache(service));
        Path output = target.resolve("startup-" + ProcessHandle.current().pid() + ".aot");
        ProcessBuilder builder = new ProcessBuilder(java.train(service, output, arguments(service, model)))
                .redirectErrorStream(true)
                .redirectOutput(target.resolve(LOG).toFile());
        builder.environment().put(TRAIN, "true");
        Process process = builder.start();
        // The pipe stays open until the end, as it does for a process that serves.
        return new Training(service, key, process, output);
    }

    private void finish(Training training) throws IOException, InterruptedException {
        boolean ended = training.process.waitFor(LONGEST_RUN_SECONDS, TimeUnit.SECONDS);
        if (stopping.get()) {
            return;
        }
        if (!ended) {
            // No verdict on the program: the machine may be busy, and the next start tries again.
            training.abandon();
            report(training, "its training run takes too long");
            return;
        }
        if (training.process.exitValue() == 0 && Files.isRegularFile(training.output)) {
            Files.move(training.output, java.cache(training.service), StandardCopyOption.REPLACE_EXISTING);
        } else {
            Files.deleteIfExists(training.output);
            report(training, "its training run failed");
        }
        training.key.storeIn(keyFile(training.service));
    }

    private void report(Training training, String reason) {
        Path target = installation.target(training.service.module());
        log.own("no start-up cache for %s, which will take longer to start: %s, see %s"
                .formatted(training.service.module(), reason, target.resolve(LOG)));
    }

    private Path keyFile(Service service) {
        return installation.target(service.module()).resolve("startup.key");
    }

    private static List<String> arguments(Service service, Path model) {
        return switch (service) {
            case GATEWAY -> List.of();
            case TOKENIZER -> List.of("--millrace.model=" + model);
            // Whatever will serve: the run loads the classes for devices too.
            case WORKER -> List.of("--model=" + model, "--device=cpu");
        };
    }

    private record Training(Service service, CacheKey key, Process process, Path output) {
        /// Ends a run that has not ended, with the process that it leaves the writing to.
        void abandon() {
            if (process.isAlive()) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                output.toFile().delete();
                output.resolveSibling(output.getFileName() + ".config").toFile().delete();
            }
        }
    }
}
