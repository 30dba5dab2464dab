package dev.millrace.worker.config;

import dev.millrace.worker.engine.EngineStatistics;
import dev.millrace.worker.grpc.link.StageLinkService;
import dev.millrace.worker.grpc.pipeline.PipelineService;
import dev.millrace.worker.grpc.placement.PlacementClient;
import dev.millrace.worker.grpc.placement.WorkerFigures;
import dev.millrace.worker.grpc.placement.WorkerIdentity;
import dev.millrace.worker.grpc.transport.Transport;
import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.ledger.StepLedger;
import io.grpc.Server;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A worker with everything that it consists of: from [#start] to [#close] its servers listen, and it is registered
/// with
/// the tokenizer-service or dials it.
final class Worker implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Worker.class);

    private static final long BASE_MESSAGE_BYTES = 32L << 20;
    private static final long MAX_STEP_TOKENS = 8192;
    private static final long SERVER_END_MILLIS = 500;

    private final String id;
    private final int port;
    private final int metricsPort;
    private final ModelFacts model;
    private final CompletableFuture<String> deviceLost;
    private final Deque<AutoCloseable> parts;

    private Worker(
            String id,
            int port,
            int metricsPort,
            ModelFacts model,
            CompletableFuture<String> deviceLost,
            Deque<AutoCloseable> parts) {
        this.id = id;
        this.deviceLost = deviceLost;
        this.model = model;
        this.port = port;
        this.metricsPort = metricsPort;
        this.parts = parts;
    }

    /// Where the stages of a worker come from.
    interface ModelSource {
        StageModels models(WorkerSettings settings, Device device) throws StartException;
    }

    /// Where the device of a worker comes from.
    interface DeviceSource {
        Device open(DeviceSettings settings, StepLedger ledger) throws StartException;
    }

    /// Starts a worker.
    ///
    /// @throws StartException when it cannot start, and why; nothing is left behind then
    static Worker start(WorkerSettings settings) throws StartException {
        return start(settings, (given, device) -> GgufModels.open(given.model(), device, given.weightCache()));
    }

    /// Starts a worker with the models that `source` gives.
    static Worker start(WorkerSettings settings, ModelSource source) throws StartException {
        return start(settings, DeviceSettings::open, source);
    }

    /// Starts a worker on the device that `devices` gives.
    static Worker start(WorkerSettings settings, DeviceSource devices, ModelSource source) throws StartException {
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        boolean started = false;
        try {
            Worker worker = assemble(settings, devices, source, parts);
            started = true;
            return worker;
        } finally {
            if (!started) {
                close(parts);
            }
        }
    }

    /// Puts the parts together; each is added to `parts` in front of those that it needs.
    private static Worker assemble(
            WorkerSettings settings, DeviceSource devices, ModelSource source, Deque<AutoCloseable> parts)
            throws StartException {
        StepLedger ledger = new StepLedger();
        Device device = devices.open(settings.device(), ledger);
        CompletableFuture<String> deviceLost = new CompletableFuture<>();
        parts.addFirst(device);
        log.info("Computes on {}", device.description());
        StageModels models = source.models(settings, device);
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("timer").daemon().factory());
        parts.addFirst(timer::shutdownNow);
        EngineStatistics statistics = new EngineStatistics();
        int metricsPort = metrics(settings, new WorkerMetrics(ledger, statistics), parts);
        StageLinkService links = new StageLinkService();
        PipelineService pipelines = new PipelineService();
        int maxMessageBytes = maxMessageBytes(models.facts());
        Server server = server(settings, maxMessageBytes, links, pipelines);
        parts.addFirst(() -> {
            server.shutdownNow();
            server.awaitTermination(SERVER_END_MILLIS, TimeUnit.MILLISECONDS);
        });

        WorkerIdentity identity = identity(settings, server.getPort(), device, models.facts());
        ModelShelf shelf =
                new ModelShelf(models, new MemoryBudget(settings.memoryLimitBytes(), MemorySource.of(device)));
        PlacementClient placement = new PlacementClient(
                settings.tokenizer(), new WorkerFigures(identity, shelf::availableBytes, ledger, statistics), timer);
        StageHost host = new StageHost(
                new StageWiring(models.facts(), links, pipelines, ledger, statistics, timer, maxMessageBytes),
                shelf,
                placement::report,
                () -> {
                    if (device.isLost()) {
                        deviceLost.complete(device.description());
                    }
                });
        parts.addFirst(host);
        parts.addFirst(placement);
        placement.start(host);
        return new Worker(identity.workerId(), server.getPort(), metricsPort, models.facts(), deviceLost, parts);
    }

    private static int metrics(WorkerSettings settings, WorkerMetrics metrics, Deque<AutoCloseable> parts)
            throws StartException {
        if (settings.metricsPort() < 0) {
            return -1;
        }
        try {
            MetricsServer server =
                    new MetricsServer(new InetSocketAddress(settings.host(), settings.metricsPort()), metrics);
            parts.addFirst(server);
            return server.port();
        } catch (IOException | RuntimeException e) {
            throw cannotListen("metrics", settings.host(), settings.metricsPort(), e);
        }
    }

    private static Server server(
            WorkerSettings settings, int maxMessageBytes, StageLinkService links, PipelineService pipelines)
            throws StartException {
        try {
            return Transport.server(new InetSocketAddress(settings.host(), settings.port()), maxMessageBytes)
                    .addService(links)
                    .addService(pipelines)
                    .build()
                    .start();
        } catch (IOException | RuntimeException e) {
            throw cannotListen("gRPC", settings.host(), settings.port(), e);
        }
    }

    private static StartException cannotListen(String what, String host, int port, Exception cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        // Netty's native transport names the system call before the reason.
        String reason = String.valueOf(root.getMessage()).replaceFirst("^\\w+\\(.*\\) failed with error\\(.*\\): ", "");
        return new StartException("cannot listen on " + host + ":" + port + " for " + what + ": " + reason);
    }

    /// Room for a step of many tokens, or for many prompts that arrive at once.
    private static int maxMessageBytes(ModelFacts model) {
        return (int) Math.min(Integer.MAX_VALUE, BASE_MESSAGE_BYTES + MAX_STEP_TOKENS * 4 * model.hiddenSize());
    }

    private static WorkerIdentity identity(WorkerSettings settings, int port, Device device, ModelFacts model) {
        String id = settings.workerId().isEmpty() ? ReachableHost.name() + "-" + port : settings.workerId();
        String host = settings.advertise().isEmpty()
                ? ReachableHost.of(settings.host(), settings.tokenizer())
                : settings.advertise();
        return new WorkerIdentity(id, host + ":" + port, device.description(), model.digest());
    }

    String id() {
        return id;
    }

    /// Where gRPC is served.
    int port() {
        return port;
    }

    /// Where metrics are served, or -1.
    int metricsPort() {
        return metricsPort;
    }

    ModelFacts model() {
        return model;
    }

    /// Is completed, with the device's description, when the device answers nothing any more: only a new process can
    /// use
    /// it again.
    CompletableFuture<String> deviceLost() {
        return deviceLost;
    }

    @Override
    public void close() {
        close(parts);
    }

    private static void close(Deque<AutoCloseable> parts) {
        for (AutoCloseable part = parts.pollFirst(); part != null; part = parts.pollFirst()) {
            try {
                part.close();
            } catch (Exception e) {
                log.warn("A part of the worker cannot be closed", e);
            }
        }
    }
}
