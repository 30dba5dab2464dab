package dev.millrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.engine.LoadedPipeline.Place;
import dev.millrace.worker.engine.TestClient.Answer;
import dev.millrace.worker.kernel.cuda.FakeDriver;
import dev.millrace.worker.model.TinyModel;
import dev.millrace.worker.schedule.FakeModel;
import dev.millrace.worker.schedule.Requests;
import dev.millrace.worker.schedule.SequenceRequest;
import dev.millrace.worker.step.KvType;
import dev.millrace.worker.step.SamplingParameters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// The same request gives the same tokens, with log probabilities of the same bits, whatever else the engine does on
/// a CUDA device; and the tokens of the CPU, where two of them are not too close to tell.
@Tag("device")
class CudaSameTokensTest {

    private static final int CONTEXT = 100;
    private static final int SEQUENCES = 8;
    /// Two tokens whose log probabilities are closer than this may change places between kinds of devices.
    private static final float MARGIN = 1e-4f;

    private final FakeDriver fake = FakeDriver.start(1);

    private static final Map<String, List<Answer>> ALONE = new HashMap<>();

    @TempDir
    private static Path folder;

    private Path model = folder;

    @BeforeEach
    void write_a_model() throws IOException {
        model = new TinyModel("llama", 6)
                .tensor("token_embd.weight", TinyModel.HIDDEN, FakeModel.VOCABULARY)
                .write(folder);
    }

    @AfterEach
    void nothing_is_left() {
        assertThat(fake.leaks()).isEmpty();
    }

    @ParameterizedTest(name = "{0}, {1} blocks, chunk {2}, prefix cache {3}, KV {4}")
    @CsvSource({
        "CUDA, 200, 512, true, F16",
        "CUDA, 200, 16, false, F16",
        "CUDA, 7, 512, true, F16",
        "CUDA, 7, 16, false, Q8_0",
        "CUDA_WITHOUT_GRAPHS, 200, 7, true, F32",
        "CUDA CUDA, 200, 512, true, F16",
        "CUDA CUDA, 7, 16, true, Q8_0",
        "CUDA CUDA_WITHOUT_GRAPHS CUDA, 200, 16, true, F16",
        "CUDA CUDA CUDA, 7, 512, false, F32",
    })
    void tokens_and_their_bits_do_not_depend_on_stages_neighbours_chunks_cache_graphs_or_preemption(
            String places, int blocks, int chunk, boolean prefixCache, KvType type) {
        List<SequenceRequest> requests = requests();
        List<Answer> alone = alone(Place.CUDA_WITHOUT_GRAPHS, type, requests);
        List<Place> stages = places(places);
        try (LoadedPipeline loaded =
                new LoadedPipeline(model, settings(stages.size(), blocks, chunk, prefixCache, type), stages)) {
            TestClient client = new TestClient(loaded.pipeline.engine);
            EngineStatistics statistics = loaded.pipeline.statistics;
            boolean scarce = blocks < 20;
            int rounds = prefixCache ? 2 : 1;
            for (int round = 0; round < rounds || scarce && round < 9 && statistics.preemptions() == 0; round++) {
                List<Answer> answers = client.submit(requests);
                for (int i = 0; i < requests.size(); i++) {
                    assertThat(answers.get(i).tokens()).isEqualTo(alone.get(i).tokens);
                    assertThat(answers.get(i).logprobs).isEqualTo(alone.get(i).logprobs);
                }
            }
            client.check();
            assertThat(loaded.pipeline.failures).isEmpty();
            assertThat(statistics.preemptions() > 0).isEqualTo(scarce);
            if (!scarce || !prefixCache) { // where blocks are scarce, little is left for the next round
                assertThat(statistics.prefixHitTokens() > 0).isEqualTo(prefixCache);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"CUDA", "CUDA CPU", "CPU CUDA", "CUDA CPU CUDA"})
    void stages_on_other_devices_say_what_the_cpu_says(String places) {
        List<SequenceRequest> requests = requests();
        List<Answer> wanted = alone(Place.CPU, KvType.F16, requests);
        List<Place> stages = places(places);
        try (LoadedPipeline loaded =
                new LoadedPipeline(model, settings(stages.size(), 200, 16, true, KvType.F16), stages)) {
            TestClient client = new TestClient(loaded.pipeline.engine);
            List<Answer> answers = client.submit(requests);
            for (int i = 0; i < requests.size(); i++) {
                assertSame(answers.get(i).tokens(), wanted.get(i));
            }
            client.check();
            assertThat(loaded.pipeline.failures).isEmpty();
        }
    }

    /// A long prompt at once goes through its spans of 256 positions one after another; in chunks they are worked out
    /// side by side.
    @ParameterizedTest(name = "chunk {0}, {1} others")
    @CsvSource({"90, 0", "64, 5"})
    void a_long_context_has_the_same_bits_whether_it_is_split_or_not(int chunk, int others) throws IOException {
        new TinyModel("qwen3", 8).number("block_count", 2).write(folder);
        List<SequenceRequest> requests = new ArrayList<>();
        for (int length : new int[] {700, 10, 30, 2, 17, 1}) {
            int[] prompt = new int[length];
            Arrays.setAll(prompt, i -> (i * i + 3 * i + length) % TinyModel.TOKEN_IDS);
            requests.add(listing(Requests.greedy(prompt, length == 700 ? 4 : 20)));
        }
        Answer atOnce = runTogether(700, requests.subList(0, 1));
        Answer inChunks = runTogether(chunk, requests.subList(0, 1 + others));
        assertThat(inChunks.tokens).isEqualTo(atOnce.tokens);
        assertThat(inChunks.logprobs).hasSize(4).isEqualTo(atOnce.logprobs);
    }

    /// What becomes of the first one.
    private Answer runTogether(int chunk, List<SequenceRequest> requests) {
        StageSettings settings = new StageSettings(7, 0, 1, 720, 6, 80, 700, chunk, 6, false);
        try (LoadedPipeline loaded = new LoadedPipeline(model, settings, List.of(Place.CUDA))) {
            List<Answer> answers = new TestClient(loaded.pipeline.engine).submit(requests);
            answers.forEach(Answer::reason);
            return answers.getFirst();
        }
    }

    @ParameterizedTest
    @EnumSource
    void types_of_kv_blocks_say_what_the_cpu_says(KvType type) {
        List<SequenceRequest> requests = requests();
        List<Answer> wanted = alone(Place.CPU, type, requests);
        List<Answer> found = alone(Place.CUDA, type, requests);
        for (int i = 0; i < requests.size(); i++) {
            assertSame(found.get(i).tokens, wanted.get(i));
            assertThat(found.get(i).logprobs).hasSameSizeAs(found.get(i).tokens);
        }
    }

    /// Up to the first token that was hardly likelier than the next one.
    private static void assertSame(List<Integer> found, Answer wanted) {
        int certain = 0;
        while (certain < wanted.tokens.size() && wanted.gaps.get(certain) >= MARGIN) {
            certain++;
        }
        assertThat(certain).isPositive();
        assertThat(found.subList(0, Math.min(certain, found.size()))).isEqualTo(wanted.tokens.subList(0, certain));
    }

    /// What each request gives when nothing else runs and nothing is left of the others.
    private List<Answer> alone(Place place, KvType type, List<SequenceRequest> requests) {
        return ALONE.computeIfAbsent(place + " " + type, missing -> runAlone(place, type, requests));
    }

    private List<Answer> runAlone(Place place, KvType type, List<SequenceRequest> requests) {
        StageSettings settings = settings(1, 200, 512, false, type);
        try (LoadedPipeline loaded = new LoadedPipeline(model, settings, List.of(place))) {
            TestClient client = new TestClient(loaded.pipeline.engine);
            List<Answer> answers = new ArrayList<>();
            for (SequenceRequest request : requests) {
                Answer answer = client.submit(request);
                answer.reason();
                answers.add(answer);
            }
            return answers;
        }
    }

    private static List<Place> places(String names) {
        return Stream.of(names.split(" ")).map(Place::valueOf).toList();
    }

    private static StageSettings settings(int stages, int blocks, int chunk, boolean prefixCache, KvType type) {
        return new StageSettings(7, 0, stages, CONTEXT, SEQUENCES, blocks, 128, chunk, 100, prefixCache, type);
    }

    /// Some begin alike, some penalise, are seeded or biased; all ask for the two likeliest tokens.
    private static List<SequenceRequest> requests() {
        Random random = new Random(11);
        List<SequenceRequest> requests = new ArrayList<>(Stream.generate(() -> Requests.any(random, 12, 50))
                .limit(SEQUENCES - 2)
                .map(CudaSameTokensTest::listing)
                .toList());
        requests.addAll(Collections.nCopies(2, listing(Requests.greedy(Requests.prompt(40, 3), 10))));
        return requests;
    }

    private static SequenceRequest listing(SequenceRequest request) {
        SamplingParameters from = request.sampling();
        SamplingParameters sampling = new SamplingParameters(
                from.temperature(),
                from.topP(),
                from.topK(),
                from.minP(),
                from.seed(),
                from.presencePenalty(),
                from.frequencyPenalty(),
                from.repeatPenalty(),
                2);
        return new SequenceRequest(
                request.tokenIds(),
                request.generatedCount(),
                request.maxTokens(),
                request.endTokenIds(),
                sampling,
                request.biasTokenIds(),
                request.biasValues());
    }
}
