package dev.millrace.worker.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.gguf.GgufFile;
import dev.millrace.worker.bench.BenchDialogue;
import dev.millrace.worker.bench.BenchReport;
import dev.millrace.worker.bench.BenchTest;
import dev.millrace.worker.bench.BenchedModel;
import dev.millrace.worker.bench.Capacity;
import dev.millrace.worker.bench.Meter;
import dev.millrace.worker.bench.ModelCosts;
import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.weights.LayerSpan;
import dev.millrace.worker.weights.LoadProgress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Measures prefill and decode of a whole model on this worker's device, without network and queues.
@Command(name = "model", description = "Measures prefill and decode of a model: greedy, without HTTP and queues.")
final class ModelBench implements Callable<Integer> {

    private static final int MOST_TOKENS = 1 << 20;

    @Parameters(paramLabel = "MODEL.gguf", description = "The model; of a split model any part.")
    private Path model = Path.of("");

    @Mixin
    private DeviceOptions deviceOptions = new DeviceOptions();

    @Option(
            names = "--stages",
            paramLabel = "N",
            defaultValue = "1",
            description = "Stages that the layers are shared by, one after the other on the same device, which hand"
                    + " rows over through the host's memory (${DEFAULT-VALUE}).")
    private int stages;

    @Option(
            names = "--prompt",
            paramLabel = "N,N..",
            split = ",",
            defaultValue = "512",
            description = "Tokens of the prompt, a test for each, 0 for none (${DEFAULT-VALUE}).")
    private List<Integer> prompts = new ArrayList<>();

    @Option(
            names = "--sequences",
            paramLabel = "N,N..",
            split = ",",
            defaultValue = "1,8,32",
            description = "How many sequences decode at the same time, a test for each (${DEFAULT-VALUE}).")
    private List<Integer> sequences = new ArrayList<>();

    @Option(
            names = "--tokens",
            paramLabel = "N",
            defaultValue = "64",
            description = "Tokens that each sequence decodes, 0 for none (${DEFAULT-VALUE}).")
    private int tokens;

    @Option(
            names = "--context",
            paramLabel = "N",
            defaultValue = "0",
            description = "Tokens that each sequence has before it decodes (${DEFAULT-VALUE}).")
    private int context;

    @Option(
            names = "--repeat",
            paramLabel = "N",
            defaultValue = "5",
            description = "Measurements of each test, after a warm-up (${DEFAULT-VALUE}).")
    private int repeat;

    @Option(
            names = "--warm-up",
            paramLabel = "MS",
            defaultValue = "2000",
            description = "Milliseconds that each test runs unmeasured, for the JIT compiler (${DEFAULT-VALUE}).")
    private int warmUpMillis;

    @Option(names = "--json", description = "A JSON object a line instead of a table.")
    private boolean json;

    @Option(
            names = "--interactive",
            description = "Takes commands from standard input, one a line, and answers each with a line of JSON: "
                    + "prefill TOKENS, decode SEQUENCES STEPS [CONTEXT], exit. The options above say how much room "
                    + "there is.")
    private boolean interactive;

    @Override
    public Integer call() throws StartException, IOException {
        checkNumbers();
        Capacity capacity = new Capacity(
                most(sequences), Math.max(1, Math.max(most(prompts), context + tokens)), Math.max(1, context + tokens));
        try (Device device = deviceOptions.settings(ModelBench::said).open(new StepLedger())) {
            StageModels models = GgufModels.open(model, device, WeightCache.OFF);
            MemoryBudget budget = new MemoryBudget(Long.MAX_VALUE, MemorySource.of(device));
            try (Shelves shelves = new Shelves()) {
                measure(device, load(models, budget, shelves, capacity));
            }
        }
        return 0;
    }

    /// The output begins with what computes.
    private static void said(String whyTheCpu) {}

    private static int most(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).max().orElse(1);
    }

    /// One for each stage.
    private static final class Shelves implements AutoCloseable {

        private final List<ModelShelf> all = new ArrayList<>();

        @Override
        public void close() {
            all.forEach(ModelShelf::close);
        }
    }

    private BenchedModel load(StageModels models, MemoryBudget budget, Shelves shelves, Capacity capacity)
            throws StartException {
        int layers = models.facts().layers();
        check("--stages", stages, 1, layers);
        List<StageModel> loaded = new ArrayList<>();
        try {
            StepLimits limits = capacity.limits(models.facts().vocabularySize());
            for (int stage = 0; stage < stages; stage++) {
                int first = layers * stage / stages;
                LayerSpan span = new LayerSpan(first, layers * (stage + 1) / stages - first, layers);
                ModelShelf shelf = new ModelShelf(models, budget);
                shelves.all.add(shelf);
                loaded.add(shelf.take(span, limits, LoadProgress.IGNORED).model());
                Settling.takeAll(loaded.getLast());
            }
            return new BenchedModel(loaded, capacity);
        } catch (StageRefusedException e) {
            throw new StartException(String.valueOf(e.getMessage()));
        } catch (ArithmeticException e) {
            throw new StartException("so many sequences of so many tokens are more than can be counted");
        }
    }

    private void measure(Device device, BenchedModel loaded) throws IOException {
        Meter meter = new Meter(loaded, Duration.ofMillis(warmUpMillis));
        if (interactive) {
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
            new BenchDialogue(meter, costs(), System.out).run(in, device.description());
            return;
        }
        if (!json) {
            System.out.printf("%s: %s%n", model.getFileName(), device.description());
        }
        new BenchReport(meter, costs(), json, System.out).print(tests(), repeat);
    }

    private List<BenchTest> tests() {
        List<BenchTest> tests = new ArrayList<>();
        prompts.stream()
                .filter(prompt -> prompt > 0)
                .map(BenchTest.Prefill::new)
                .forEach(tests::add);
        if (tokens > 0) {
            sequences.forEach(count -> tests.add(new BenchTest.Decode(count, tokens, context)));
        }
        return tests;
    }

    private ModelCosts costs() throws IOException {
        try (GgufFile file = GgufFile.open(model)) {
            return ModelCosts.of(file);
        }
    }

    private void checkNumbers() throws StartException {
        for (int prompt : prompts) {
            check("--prompt", prompt, 0, MOST_TOKENS);
        }
        check("--tokens", tokens, 0, MOST_TOKENS);
        check("--context", context, 0, MOST_TOKENS);
        check("--repeat", repeat, 1, 1000);
        check("--warm-up", warmUpMillis, 0, 600_000);
        for (int count : sequences) {
            check("--sequences", count, 1, Capacity.BATCH_TOKENS);
        }
    }

    static void check(String option, int value, int least, int most) throws StartException {
        if (value < least || value > most) {
            throw new StartException("%s is %d; it must be from %d to %d".formatted(option, value, least, most));
        }
    }
}
