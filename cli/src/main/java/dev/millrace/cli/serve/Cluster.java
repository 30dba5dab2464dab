package dev.millrace.cli.serve;

import dev.millrace.cli.device.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The processes that serve a model on this machine: who they are and what each is told.
final class Cluster {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String TOKENIZER = "tokenizer-service";
    private static final Map<String, String> ENVIRONMENT = Map.of(ProcessSpec.EXIT_WITH_PARENT, "true");

    private final ServeSettings settings;
    private final JavaCommand java;
    private final String tokenizer;
    private final int tokenizerPort;

    Cluster(ServeSettings settings, JavaCommand java, int tokenizerPort) {
        this.settings = settings;
        this.java = java;
        this.tokenizer = LOOPBACK + ":" + tokenizerPort;
        this.tokenizerPort = tokenizerPort;
    }

    /// In the order of starting; the gateway is last, and first to stop.
    List<ProcessSpec> processes() {
        List<ProcessSpec> processes = new ArrayList<>();
        processes.add(process(TOKENIZER, Service.TOKENIZER, tokenizerArguments(), ""));
        for (int stage = 0; stage < settings.stages(); stage++) {
            List<String> arguments = workerArguments(stage);
            // A worker starts faster than what it dials: it would only knock in vain and take processor time.
            processes.add(process(worker(stage), Service.WORKER, arguments, TOKENIZER));
        }
        processes.add(gateway());
        return processes;
    }

    /// The name of the worker that holds a stage: workers get theirs in the order of their names.
    static String worker(int stage) {
        return "worker-" + (stage + 1);
    }

    private ProcessSpec gateway() {
        return process(
                "gateway",
                Service.GATEWAY,
                List.of(
                        "--server.address=" + settings.host(),
                        "--server.port=" + settings.port(),
                        "--millrace.tokenizer=" + tokenizer),
                "");
    }

    private List<String> tokenizerArguments() {
        return List.of(
                "--millrace.model=" + settings.model(),
                "--millrace.stages=" + settings.stages(),
                "--millrace.context-length=" + settings.contextLength(),
                "--millrace.parallel=" + settings.parallel(),
                "--millrace.kv-type=" + settings.kvType(),
                "--millrace.grpc.host=" + LOOPBACK,
                "--millrace.grpc.port=" + tokenizerPort);
    }

    private List<String> workerArguments(int stage) {
        Place place = settings.places().get(stage);
        List<String> arguments = new ArrayList<>(List.of(
                "--model=" + settings.model(),
                "--tokenizer=" + tokenizer,
                "--worker-id=" + worker(stage),
                "--weight-cache=" + settings.weightCache(),
                "--device=" + place));
        if (place.isCpu()) {
            arguments.add("--threads=" + settings.threadsPerStage());
            arguments.add("--threads-alone=" + settings.threads());
            arguments.add("--cpu-kernels=" + settings.cpuKernels());
        }
        return arguments;
    }

    private ProcessSpec process(String name, Service service, List<String> arguments, String after) {
        return new ProcessSpec(name, Detached.command(java.run(service, arguments)), ENVIRONMENT, after);
    }
}
