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
    private final ClusterLog log;
    private final long startNanos = System.nanoTime();

    Serving(Installation installation, ServeSettings settings, ClusterLog log) {
        this.installation = installation;
        this.settings = settings;
        this.log = log;
    }

    /// Returns only by giving up; a signal ends the process, and the cluster before it.
    int run() throws InterruptedException {
        JavaCommand java = new JavaCommand(installation);
        new StartupCaches(installation, java, log).prepare(settings.model());

        List<ProcessSpec> processes = new Cluster(settings, java, Ports.free(LOOPBACK, 0)).processes();
        log.own("starting "
                + String.join(", ", processes.stream().map(ProcessSpec::name).toList()));
        Supervisor supervisor = new Supervisor(processes, log, Supervisor.GRACE);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(supervisor), "stop"));
        supervisor.start();
        awaitReadiness(supervisor);
        supervisor.ready();
        announce();
        Optional<String> reason = Optional.empty();
        while (reason.isEmpty()) {
            reason = supervisor.awaitGivingUp(LONG_TIME);
        }
        throw new UserError(reason.get());
    }

    private void awaitReadiness(Supervisor supervisor) throws InterruptedException {
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

    private void announce() {
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

    private void stop(Supervisor supervisor) {
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
