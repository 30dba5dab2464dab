package dev.millrace.cli.serve;

import dev.millrace.cli.Installation;
import dev.millrace.cli.UserError;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A cluster from its start to the signal that ends it.
final class Serving {
    private static final String LOOPBACK = "127.0.0.1";
    private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(100);
    private static final Duration BETWEEN_NEWS = Duration.ofSeconds(15);
    private static final Duration LONG_TIME = Duration.ofDays(1);

    private final Installation installation;
    private final ServeSettings settings;
    private final boolean coloured;
    private final long startNanos = System.nanoTime();

    Serving(Installation installation, ServeSettings settings, boolean coloured) {
        this.installation = installation;
        this.settings = settings;
        this.coloured = coloured;
    }

    /// Returns only by giving up; a signal ends the process, and the cluster before it.
    int run(ModelSummary model, MemoryEstimate estimate) throws InterruptedException {
        ClusterLog log = new ClusterLog(System.out, System.err, coloured, "tokenizer-service".length());
        log.own("%s: %d layers, %d %s, about %s of weights and %s of KV cache"
                .formatted(
                        settings.model(),
                        model.layers(),
                        settings.stages(),
                        settings.stages() == 1 ? "stage" : "stages",
                        MemoryEstimate.readable(estimate.weights()),
                        MemoryEstimate.readable(estimate.cache())));
        JavaCommand java = new JavaCommand(installation);
        new StartupCaches(installation, java, log).prepare(settings.model());

        List<ProcessSpec> processes = new Cluster(settings, java, Ports.free(LOOPBACK, 0)).processes();
        log.own("starting "
                + String.join(", ", processes.stream().map(ProcessSpec::name).toList()));
        Supervisor supervisor = new Supervisor(processes, log, Supervisor.GRACE);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(supervisor, log), "stop"));
        supervisor.start();
        awaitReadiness(supervisor, log);
        supervisor.ready();
        announce(log);
        Optional<String> reason = Optional.empty();
        while (reason.isEmpty()) {
            reason = supervisor.awaitGivingUp(LONG_TIME);
        }
        throw new UserError(reason.get());
    }

    private void awaitReadiness(Supervisor supervisor, ClusterLog log) throws InterruptedException {
        Readiness gateway = new Readiness(settings.url());
        long newsNanos = System.nanoTime() + BETWEEN_NEWS.toNanos();
        // A question costs processes that are still starting a good part of the time that they start in.
        while (!supervisor.everyProcessWasReady() || !gateway.isReady()) {
            Optional<String> reason = supervisor.awaitGivingUp(BETWEEN_QUESTIONS);
            if (reason.isPresent()) {
                throw new UserError(reason.get());
            }
            if (System.nanoTime() - newsNanos > 0) {
                log.own("not ready yet after " + elapsed());
                newsNanos += BETWEEN_NEWS.toNanos();
            }
        }
    }

    private void announce(ClusterLog log) {
        log.own("ready after " + elapsed() + ": listening on " + settings.url());
        System.out.printf(
                """

                %s is served at %s. Try:

                  curl -N %s/v1/chat/completions -H 'Content-Type: application/json' -d '{"model":"%s","messages":[{"role":"user","content":"What is Millrace?"}],"stream":true}'
                  ./millrace chat%s

                """,
                settings.modelId(),
                settings.url(),
                settings.url(),
                settings.modelId(),
                settings.port() == 8080 ? "" : " --url " + settings.url());
        System.out.flush();
    }

    private static void stop(Supervisor supervisor, ClusterLog log) {
        log.own("stopping");
        try {
            supervisor.stop();
            log.own("stopped");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private String elapsed() {
        return String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - startNanos) / 1e9);
    }
}
