package dev.millrace.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.engine.TestClient.Answer;
import dev.millrace.worker.schedule.FinishReason;
import dev.millrace.worker.schedule.Oracle;
import dev.millrace.worker.schedule.Requests;
import dev.millrace.worker.schedule.SequenceRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The same request gives the same tokens whatever else the engine does.
class SameTokensTest {

    private static final int CONTEXT = 200;

    @ParameterizedTest(name = "{0} stages, {1} blocks, chunk {2}, prefix cache {3}")
    @CsvSource({
        "1, 600, 512, true",
        "1, 600, 16, false",
        "1, 20, 512, true",
        "2, 600, 512, true",
        "2, 600, 16, true",
        "2, 600, 512, false",
        "2, 20, 16, true",
        "2, 20, 512, false",
        "3, 600, 16, false",
        "3, 600, 512, true",
        "3, 24, 16, true",
    })
    void tokens_do_not_depend_on_stages_neighbours_chunks_cache_or_preemption(
            int stages, int blocks, int chunk, boolean prefixCache) {
        StageSettings settings = new StageSettings(7, 0, stages, CONTEXT, 33, blocks, 512, chunk, 100, prefixCache);
        List<SequenceRequest> requests = requests();
        try (TestPipeline pipeline = new TestPipeline(settings)) {
            TestClient client = new TestClient(pipeline.engine);
            Answer alone = client.submit(requests.getFirst());
            assertThat(alone.tokens()).isEqualTo(Oracle.continuation(alone.request, CONTEXT));

            // How stages take turns decides whether a round needs more blocks than there are.
            boolean scarce = blocks < 30;
            for (int round = 0; round == 0 || scarce && round < 50 && preemptions(pipeline) == 0; round++) {
                for (Answer answer : client.submit(requests)) {
                    assertThat(answer.tokens()).isEqualTo(Oracle.continuation(answer.request, CONTEXT));
                }
            }
            client.check();
            assertThat(pipeline.failures).isEmpty();
            assertThat(preemptions(pipeline) > 0).isEqualTo(scarce);
            assertThat(pipeline.statistics.prefixHitTokens() > 0).isEqualTo(prefixCache);
        }
    }

    private static long preemptions(TestPipeline pipeline) {
        return pipeline.statistics.preemptions();
    }

    private static List<SequenceRequest> requests() {
        Random random = new Random(11);
        return Stream.generate(() -> Requests.any(random, 150, 60)).limit(33).toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void a_replayed_sequence_goes_on_as_it_would_have(int stages) {
        Random random = new Random(5);
        try (TestPipeline pipeline = new TestPipeline(TestPipeline.roomy(stages))) {
            TestClient client = new TestClient(pipeline.engine);
            for (int i = 0; i < 40; i++) {
                SequenceRequest request = Requests.any(random, 100, 100);
                List<Integer> whole = Oracle.continuation(request, pipeline.settings.contextLength());
                int generated = random.nextInt(whole.size());
                Answer replay = client.submit(replay(request, whole.subList(0, generated)));
                assertThat(replay.tokens()).isEqualTo(whole.subList(generated, whole.size()));
            }
            client.check();
        }
    }

    private static SequenceRequest replay(SequenceRequest request, List<Integer> generated) {
        int[] tokens = IntStream.concat(
                        Arrays.stream(request.tokenIds()), generated.stream().mapToInt(token -> token))
                .toArray();
        return new SequenceRequest(
                tokens,
                generated.size(),
                request.maxTokens(),
                request.endTokenIds(),
                request.sampling(),
                request.biasTokenIds(),
                request.biasValues());
    }

    @Test
    void a_conversation_finds_its_earlier_turns_in_the_cache() {
        try (TestPipeline pipeline = new TestPipeline(TestPipeline.roomy(2))) {
            TestClient client = new TestClient(pipeline.engine);
            int[] prompt = Requests.prompt(40, 1);
            Answer first = client.submit(Requests.greedy(prompt, 30));
            int[] second = IntStream.concat(
                            IntStream.concat(
                                    Arrays.stream(prompt),
                                    first.tokens().stream().mapToInt(token -> token)),
                            Arrays.stream(Requests.prompt(20, 2)))
                    .toArray();
            Answer next = client.submit(Requests.greedy(second, 5));

            assertThat(next.tokens()).isEqualTo(Oracle.continuation(next.request, 256));
            assertThat(first.cachedPromptTokens).isZero();
            assertThat(next.cachedPromptTokens).isEqualTo(64);
            assertThat(pipeline.statistics.prefixHitTokens()).isEqualTo(64);
        }
    }

    @Test
    void prompts_that_come_together_and_are_alike_are_computed_once() {
        try (TestPipeline pipeline = new TestPipeline(TestPipeline.roomy(2))) {
            TestClient client = new TestClient(pipeline.engine);
            SequenceRequest request = Requests.greedy(Requests.prompt(200, 3), 1);
            List<Answer> answers = client.submit(List.of(request, request, request, request));
            answers.forEach(answer -> assertThat(answer.tokens()).isEqualTo(Oracle.continuation(answer.request, 256)));

            assertThat(answers.stream().mapToInt(answer -> answer.cachedPromptTokens))
                    .containsExactlyInAnyOrder(0, 192, 192, 192);
        }
    }

    @Test
    void ends_with_the_reason_and_the_end_token_is_told() {
        try (TestPipeline pipeline = new TestPipeline(TestPipeline.roomy(1))) {
            TestClient client = new TestClient(pipeline.engine);
            SequenceRequest request = Requests.greedy(Requests.prompt(20, 4), 1000);
            List<Integer> whole = Oracle.continuation(request, 256);
            int end = whole.get(10);
            SequenceRequest ending = new SequenceRequest(
                    request.tokenIds(), 0, 1000, new int[] {end}, request.sampling(), new int[0], new float[0]);

            Answer stopped = client.submit(ending);
            assertThat(stopped.reason()).isEqualTo(FinishReason.STOP);
            assertThat(stopped.tokens()).isEqualTo(whole.subList(0, whole.indexOf(end) + 1));
            Answer full = client.submit(request);
            assertThat(full.reason()).isEqualTo(FinishReason.LENGTH);
            assertThat(full.tokens()).hasSize(236).isEqualTo(whole);
            Answer limited = client.submit(Requests.greedy(request.tokenIds(), 7));
            assertThat(limited.reason()).isEqualTo(FinishReason.LENGTH);
            assertThat(limited.tokens()).isEqualTo(whole.subList(0, 7));
        }
    }

    @Test
    void log_probabilities_come_for_those_who_asked() {
        Random random = new Random(6);
        try (TestPipeline pipeline = new TestPipeline(TestPipeline.roomy(2))) {
            TestClient client = new TestClient(pipeline.engine);
            List<SequenceRequest> requests = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                requests.add(Requests.any(random, 30, 30));
            }
            for (Answer answer : client.submit(requests)) {
                List<Integer> tokens = answer.tokens();
                if (answer.request.sampling().topLogprobs() >= 0) {
                    assertThat(answer.logprobs)
                            .isEqualTo(
                                    tokens.stream().map(token -> (float) -token).toList());
                } else {
                    assertThat(answer.logprobs).isEmpty();
                }
            }
            client.check();
        }
    }
}
