package dev.millrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.engine.LoadedPipeline.Place;
import dev.millrace.worker.engine.TestClient.Answer;
import dev.millrace.worker.kernel.cuda.FakeDriver;
import dev.millrace.worker.ledger.Direction;
import dev.millrace.worker.ledger.StepLedger;
import dev.millrace.worker.model.HookedModel;
import dev.millrace.worker.model.TinyModel;
import dev.millrace.worker.schedule.Requests;
import dev.millrace.worker.schedule.SequenceRequest;
import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a step costs in calls and copies, as the ledger of each stage has it and as the driver does.
class CudaCountsTest {

    private static final int DECODES = 20;
    private static final int PROMPT_TOKENS = 10;
    private static final int CHOICE_BYTES = 8;
    private static final int LISTED_TOKENS = 20;
    private static final List<String> CALLS_THAT_WAIT_OR_ALLOCATE = List.of(
            "cuMemcpyHtoD",
            "cuMemcpyDtoH",
            "cuMemAlloc",
            "cuMemHostAlloc",
            "cuMemFree",
            "cuMemFreeHost",
            "cuModuleLoadDataEx",
            "cuStreamCreate",
            "cuEventCreate",
            "cuGraphInstantiate",
            "cuStreamSynchronize");

    private final FakeDriver fake = FakeDriver.start(2);

    @TempDir
    private Path folder;

    @BeforeEach
    void write_a_model() throws IOException {
        new TinyModel("qwen3", 8).write(folder);
    }

    @AfterEach
    void nothing_is_left() {
        assertThat(fake.leaks()).isEmpty();
    }

    /// A step as a stage is given it, and the calls so far.
    private record Start(int tokens, int samples, long launches, long graphs) {

        boolean isDecode() {
            return tokens == samples;
        }
    }

    /// The books of a stage since the last [#begin].
    private final class Books {

        final int stage;
        final StepLedger ledger;
        final List<Start> starts = new CopyOnWriteArrayList<>();
        private long steps;
        private long ups;
        private long downs;
        private long bytesUp;
        private long bytesDown;

        Books(int stage, StepLedger ledger) {
            this.stage = stage;
            this.ledger = ledger;
        }

        void begin() {
            starts.clear();
            steps = ledger.steps();
            ups = ledger.transfers(Direction.UPLOAD);
            downs = ledger.transfers(Direction.DOWNLOAD);
            bytesUp = ledger.bytes(Direction.UPLOAD);
            bytesDown = ledger.bytes(Direction.DOWNLOAD);
        }

        Books check(long expectedBytesDown) {
            assertThat(ledger.steps() - steps).isEqualTo(starts.size());
            assertThat(ledger.transfers(Direction.UPLOAD) - ups).isEqualTo(starts.size());
            assertThat(ledger.transfers(Direction.DOWNLOAD) - downs).isEqualTo(starts.size());
            assertThat(ledger.bytes(Direction.DOWNLOAD) - bytesDown).isEqualTo(expectedBytesDown);
            assertThat(count("cuMemcpyHtoDAsync")).isEqualTo(starts.size());
            assertThat(count("cuMemcpyDtoHAsync")).isEqualTo(starts.size());
            assertThat(count("bytes up")).isEqualTo(ledger.bytes(Direction.UPLOAD) - bytesUp);
            assertThat(count("bytes down")).isEqualTo(expectedBytesDown);
            for (String call : CALLS_THAT_WAIT_OR_ALLOCATE) {
                assertThat(count(call)).as(call).isZero();
            }
            return this;
        }

        long count(String call) {
            return fake.count(stage, call);
        }

        /// Launches of each step that decodes.
        List<Start> decodes() {
            List<Start> ends = new ArrayList<>(starts);
            ends.add(new Start(0, 0, count("cuLaunchKernel"), count("cuGraphLaunch")));
            List<Start> decodes = new ArrayList<>();
            for (int i = 0; i + 1 < ends.size(); i++) {
                Start start = ends.get(i);
                Start next = ends.get(i + 1);
                if (start.isDecode()) {
                    decodes.add(new Start(
                            start.tokens, start.samples, next.launches - start.launches, next.graphs - start.graphs));
                }
            }
            return decodes;
        }
    }

    /// Runs the requests, twice for warming up, and looks at the books of the third time.
    private List<Books> run(int stages, Place place, List<SequenceRequest> requests) {
        StageSettings settings = new StageSettings(7, 0, stages, 256, 4, 64, 64, 64, 8, false);
        List<Books> books = new ArrayList<>();
        LoadedPipeline.Wrapper counting = (stage, model) -> new HookedModel(model, input -> start(books, stage, input));
        try (LoadedPipeline loaded = new LoadedPipeline(
                folder.resolve("tiny.gguf"), settings, Collections.nCopies(stages, place), counting)) {
            for (int stage = 0; stage < stages; stage++) {
                books.add(new Books(stage, loaded.pipeline.ledgers.get(stage)));
            }
            TestClient client = new TestClient(loaded.pipeline.engine);
            for (int round = 0; round < 3; round++) {
                fake.clearCounts();
                books.forEach(Books::begin);
                client.submit(requests).forEach(Answer::reason);
                EngineTest.await(() -> books.stream()
                        .allMatch(
                                each -> each.ledger.transfers(Direction.DOWNLOAD) - each.downs == each.starts.size()));
            }
            client.check();
            for (Books each : books) {
                boolean last = each.stage == stages - 1;
                int choice = requests.getFirst().sampling().topLogprobs() > 0
                        ? CHOICE_BYTES * (1 + LISTED_TOKENS)
                        : CHOICE_BYTES;
                each.check(each.starts.stream()
                        .mapToLong(start -> last ? choice * start.samples : 4L * TinyModel.HIDDEN * start.tokens)
                        .sum());
            }
            return books;
        }
    }

    private void start(List<Books> books, int stage, StepInput input) {
        Books own = books.get(stage);
        own.starts.add(new Start(
                input.tokenCount(), input.sampleCount(), own.count("cuLaunchKernel"), own.count("cuGraphLaunch")));
    }

    private static List<SequenceRequest> decoding(int sequences) {
        List<SequenceRequest> requests = new ArrayList<>();
        for (int i = 0; i < sequences; i++) {
            int[] prompt = Requests.prompt(PROMPT_TOKENS, i);
            for (int t = 0; t < prompt.length; t++) {
                prompt[t] %= TinyModel.TOKEN_IDS;
            }
            requests.add(Requests.greedy(prompt, 1 + DECODES));
        }
        return requests;
    }

    @ParameterizedTest(name = "{0} stages, {1} sequences")
    @CsvSource({"1, 1", "1, 3", "2, 1", "2, 3"})
    void a_decode_is_one_copy_up_one_graph_and_one_copy_down_on_each_stage(int stages, int sequences) {
        for (Books each : run(stages, Place.CUDA, decoding(sequences))) {
            assertThat(each.decodes().stream().mapToInt(Start::tokens).sum()).isEqualTo(DECODES * sequences);
            assertThat(each.decodes()).allMatch(decode -> decode.launches == 0 && decode.graphs == 1);
        }
    }

    @ParameterizedTest(name = "{0} stages, {1} sequences")
    @CsvSource({"1, 1", "1, 3", "2, 1", "2, 3"})
    void without_graphs_each_decode_has_the_same_launches(int stages, int sequences) {
        for (Books each : run(stages, Place.CUDA_WITHOUT_GRAPHS, decoding(sequences))) {
            List<Start> decodes = each.decodes();
            assertThat(decodes.stream().mapToInt(Start::tokens).sum()).isEqualTo(DECODES * sequences);
            long launches = decodes.getFirst().launches;
            assertThat(launches).isPositive();
            assertThat(decodes).allMatch(decode -> decode.launches == launches && decode.graphs == 0);
        }
    }

    @Test
    void likeliest_tokens_come_down_in_the_same_copy() {
        SequenceRequest plain = decoding(1).getFirst();
        SamplingParameters listing = new SamplingParameters(0.8f, 0.9f, 30, 0f, 5, 0.5f, 0f, 1.1f, LISTED_TOKENS);
        SequenceRequest request = new SequenceRequest(
                plain.tokenIds(), 0, plain.maxTokens(), new int[0], listing, new int[] {3}, new float[] {1});
        Books books = run(1, Place.CUDA, List.of(request)).getFirst();
        assertThat(books.count("bytes down")).isEqualTo(168L * books.starts.size());
    }
}
