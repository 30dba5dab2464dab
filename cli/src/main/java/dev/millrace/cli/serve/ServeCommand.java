package dev.millrace.cli.serve;

import dev.millrace.cli.Installation;
import dev.millrace.cli.Terminal;
import dev.millrace.cli.UserError;
import dev.millrace.cli.device.DeviceChoice;
import dev.millrace.cli.device.DeviceQuestion;
import dev.millrace.cli.device.DeviceReport;
import dev.millrace.cli.device.DeviceRequest;
import dev.millrace.cli.device.NvidiaDriver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `millrace serve`: a whole cluster on this machine.
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Serves a model: starts gateway, tokenizer-service and workers, until Ctrl-C.")
public final class ServeCommand implements Callable<Integer> {
    private static final int MOST_STAGES = 1024;
    private static final int MOST_PARALLEL = 1 << 16;
    private static final int STAGES_ON_CPU = 2;

    @Parameters(
            arity = "0..1",
            paramLabel = "MODEL.gguf",
            description = "The model; the demo model that comes along otherwise.",
            showDefaultValue = Visibility.NEVER)
    private @Nullable Path model;

    @Option(
            names = "--stages",
            paramLabel = "N",
            description = "Workers in a row, each with its share of the layers; one for each CUDA device otherwise, "
                    + STAGES_ON_CPU
                    + " on the CPU.")
    private @Nullable Integer stages;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "${env:MILLRACE_DEVICE:-auto}",
            description =
                    "Where stages compute: cpu, cuda (all CUDA devices), auto (the same, or the CPU where there is"
                            + " none) or devices in the order of the stages, such as cuda:0,1 or cuda:0,cpu (MILLRACE_DEVICE).")
    private String device = "auto";

    @Option(names = "--ctx", paramLabel = "N", description = "Tokens of a sequence; 0: the model's own, up to 8192.")
    private int contextLength;

    @Option(names = "--parallel", paramLabel = "N", description = "Sequences that run at the same time.")
    private int parallel = 8;

    @Option(names = "--port", paramLabel = "N", description = "Where to listen for HTTP; 0: any free port.")
    private int port = 8080;

    @Option(names = "--host", paramLabel = "H", description = "The address to listen on; 0.0.0.0: all of them.")
    private String host = "127.0.0.1";

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "CPU threads of all workers on the CPU together; as many as there are processors otherwise.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--kv-type",
            paramLabel = "TYPE",
            description = "How keys and values are kept, from smallest to most exact: q8_0, f16 or f32.")
    private KvType kvType = KvType.F16;

    @Option(
            names = "--cpu-kernels",
            paramLabel = "KERNELS",
            description = "What multiplies weights: vector (Java), native (C) or auto, the fastest there is.")
    private CpuKernels cpuKernels = CpuKernels.AUTO;

    @Option(
            names = "--weight-cache",
            paramLabel = "FOLDER",
            description = "Where weights are kept as they lie in memory, for faster starts: auto (beside the model, or"
                    + " below the user's cache folder), off or a folder.")
    private String weightCache = "auto";

    @Override
    public Integer call() throws InterruptedException {
        checkNumbers();
        DeviceRequest request = DeviceRequest.parse(device);
        Installation installation = Installation.current();
        Path file = (model == null ? installation.defaultModel() : model)
                .toAbsolutePath()
                .normalize();
        checkModel(file);
        ModelSummary summary = ModelSummary.read(file);
        if (stages != null && stages > summary.layers()) {
            throw new UserError("--stages is %d, but %s has %d layers; each stage needs one at least"
                    .formatted(stages, file.getFileName(), summary.layers()));
        }
        if (contextLength > summary.contextLength()) {
            throw new UserError("--ctx is %d, but %s was made for %d tokens at the most"
                    .formatted(contextLength, file.getFileName(), summary.contextLength()));
        }
        int freePort = Ports.free(host, port);
        DeviceReport devices = devices(request, installation);
        DeviceChoice choice = DeviceChoice.of(request, devices);
        if (request.places().size() > summary.layers()) {
            throw new UserError("--device names %d devices, but %s has %d layers; each stage needs one at least"
                    .formatted(request.places().size(), file.getFileName(), summary.layers()));
        }
        int wanted = stages != null ? stages : choice.defaultStages(STAGES_ON_CPU);
        ServeSettings settings = new ServeSettings(
                file,
                choice.spread((int) Math.min(wanted, summary.layers())),
                contextLength,
                parallel,
                host,
                freePort,
                threads,
                kvType,
                cpuKernels,
                weightCache());
        MemoryEstimate estimate = MemoryEstimate.of(summary, settings);
        estimate.checkAgainst(AvailableMemory.bytes(), devices);
        ClusterLog log = new ClusterLog(System.out, System.err, Terminal.showsColour(), "tokenizer-service".length());
        new Overview(settings, summary, estimate, devices).lines().forEach(log::own);
        choice.notes().forEach(log::own);
        return new Serving(installation, settings, log).run();
    }

    private static DeviceReport devices(DeviceRequest request, Installation installation) throws InterruptedException {
        if (!request.needsDevices() || !NvidiaDriver.isThere()) {
            return DeviceReport.none("no NVIDIA driver");
        }
        return DeviceQuestion.ask(new JavaCommand(installation)
                .tool(Service.WORKER, DeviceQuestion.FLAGS, DeviceQuestion.MAIN_CLASS, List.of("--json")));
    }

    /// Workers run elsewhere.
    private String weightCache() {
        return weightCache.equals("auto") || weightCache.equals("off")
                ? weightCache
                : Path.of(weightCache).toAbsolutePath().normalize().toString();
    }

    private void checkNumbers() {
        check("--stages", stages == null ? 1 : stages, 1, MOST_STAGES);
        check("--ctx", contextLength, 0, Integer.MAX_VALUE);
        check("--parallel", parallel, 1, MOST_PARALLEL);
        check("--port", port, 0, 65535);
        check("--threads", threads, 1, 4096);
    }

    private static void check(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new UserError("%s is %d; it must be from %d to %d".formatted(option, value, least, most));
        }
    }

    private static void checkModel(Path file) {
        if (!Files.exists(file)) {
            throw new UserError("the model " + file + " does not exist");
        }
        if (!Files.isRegularFile(file)) {
            throw new UserError("the model " + file + " is not a file");
        }
        if (!Files.isReadable(file)) {
            throw new UserError("the model " + file + " may not be read by this user");
        }
    }
}
