package dev.millrace.worker.config;

import java.io.IOException;
import java.nio.file.Path;
import java.security.Security;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Starts a worker process and keeps it until it is told to end.
@Command(name = "gpu-worker", description = "Holds one stage of a model.")
public final class WorkerMain implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerMain.class);

    @Option(names = "--model", defaultValue = "${env:MILLRACE_MODEL}", description = "The GGUF file (MILLRACE_MODEL).")
    private String model = "";

    @Option(
            names = "--tokenizer",
            defaultValue = "${env:MILLRACE_TOKENIZER:-127.0.0.1:9090}",
            description = "Host and port of the tokenizer-service (MILLRACE_TOKENIZER, ${DEFAULT-VALUE}).")
    private String tokenizer = "";

    @Option(
            names = "--host",
            defaultValue = "${env:MILLRACE_HOST:-127.0.0.1}",
            description = "Address to bind (MILLRACE_HOST, ${DEFAULT-VALUE}).")
    private String host = "";

    @Option(
            names = "--advertise",
            defaultValue = "${env:MILLRACE_ADVERTISE:-}",
            description = "Host under which others reach this worker (MILLRACE_ADVERTISE, the bound one).")
    private String advertise = "";

    @Option(
            names = "--port",
            defaultValue = "${env:MILLRACE_PORT:-0}",
            description = "Port for gRPC, 0 for any free one (MILLRACE_PORT, ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--metrics-port",
            defaultValue = "${env:MILLRACE_METRICS_PORT:-0}",
            description =
                    "Port for metrics, 0 for any free one, -1 for none (MILLRACE_METRICS_PORT, ${DEFAULT-VALUE}).")
    private int metricsPort;

    @Option(
            names = "--worker-id",
            defaultValue = "${env:MILLRACE_WORKER_ID:-}",
            description = "Unique among the workers (MILLRACE_WORKER_ID, host name and port).")
    private String workerId = "";

    @Mixin
    private DeviceOptions device = new DeviceOptions();

    @Option(
            names = "--memory-limit",
            defaultValue = "${env:MILLRACE_MEMORY_LIMIT:-0}",
            description = "Bytes that a stage may take, 0 for what is available (MILLRACE_MEMORY_LIMIT).")
    private long memoryLimit;

    @Option(
            names = "--weight-cache",
            paramLabel = "FOLDER",
            defaultValue = "${env:MILLRACE_WEIGHT_CACHE:-auto}",
            description = "Where weights are kept as they lie in memory, so that later starts need not pack them: auto"
                    + " (beside the model, or below the user's cache folder), off or a folder (MILLRACE_WEIGHT_CACHE,"
                    + " ${DEFAULT-VALUE}).")
    private String weightCache = "";

    private static final int DEVICE_LOST = 3;

    private WorkerMain() {}

    /// Runs a worker with these arguments.
    public static void main(String[] arguments) {
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        // A worker or service that moved is found at its new address.
        Security.setProperty("networkaddress.cache.ttl", "1");
        System.exit(Commands.execute(new WorkerMain(), arguments));
    }

    @Override
    public Integer call() throws StartException, InterruptedException {
        if (isSet("MILLRACE_TRAIN")) {
            // Needs no GPU where an image is built.
            TrainingRun.run(settings(device.cpu()));
            return 0;
        }
        CompletableFuture<Integer> end = new CompletableFuture<>();
        Worker worker = Worker.start(settings(device.settings(LOG::info)));
        Runtime.getRuntime().addShutdownHook(new Thread(worker::close, "shutdown"));
        System.out.println("READY worker " + worker.id() + " grpc " + host + ":" + worker.port()
                + (worker.metricsPort() < 0 ? "" : " metrics " + host + ":" + worker.metricsPort()));
        if (isSet("MILLRACE_EXIT_WITH_PARENT")) {
            Thread.ofPlatform().name("parent-watch").daemon().start(() -> {
                waitForEndOfInput();
                end.complete(0);
            });
        }
        worker.deviceLost().thenAccept(device -> {
            System.err.println("error: " + device + " answers nothing any more; only a new process can use it");
            end.complete(DEVICE_LOST);
        });
        return end.join();
    }

    private WorkerSettings settings(DeviceSettings deviceSettings) throws StartException {
        if (model.isEmpty()) {
            throw new StartException("no model: give --model PATH or set MILLRACE_MODEL");
        }
        if (!tokenizer.matches(".+:\\d{1,5}")) {
            throw new StartException("--tokenizer " + tokenizer + " is not HOST:PORT");
        }
        if (memoryLimit < 0 || port < 0 || port > 65_535 || metricsPort < -1 || metricsPort > 65_535) {
            throw new StartException("--memory-limit, --port or --metrics-port is out of range");
        }
        return new WorkerSettings(
                Path.of(model),
                tokenizer,
                host,
                advertise,
                port,
                metricsPort,
                workerId,
                deviceSettings,
                memoryLimit == 0 ? Long.MAX_VALUE : memoryLimit,
                new WeightCache(weightCache));
    }

    private static boolean isSet(String variable) {
        return "true".equalsIgnoreCase(System.getenv(variable));
    }

    /// The parent holds the other end of our standard input: it ends when the parent does.
    private static void waitForEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                // What a parent writes has no meaning.
            }
        } catch (IOException e) {
            // A broken input has ended as well.
        }
    }
}
