package dev.millrace.worker.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.worker.model.HookedModel;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.schedule.FakeModel;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepLimits;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The steps are checked as those of another process are, and by a model that knows which KV was written.
class BenchedModelTest {

    private static final Capacity CAPACITY = new Capacity(3, 1200, 40);
    private static final StepLimits LIMITS = CAPACITY.limits(FakeModel.VOCABULARY);

    private static final ModelCosts COSTS = new ModelCosts(123, 16, 1000, 100, 10);

    private final List<String> steps = new ArrayList<>();
    private final BenchedModel model = new BenchedModel(List.of(checked(1)), CAPACITY);

    private StageModel checked(int depth) {
        StepInput checked = new StepInput(64);
        return new HookedModel(new FakeModel(0, 1, LIMITS.kvBlocks(), depth), input -> {
            checked.load(input.bytes(), LIMITS);
            steps.add("%d tokens of %d, %d samples"
                    .formatted(input.tokenCount(), input.sequenceCount(), input.sampleCount()));
        });
    }

    @Test
    void a_prompt_goes_in_chunks_of_the_batch_budget_and_is_sampled_once() {
        model.prefill(1100);

        assertThat(steps)
                .containsExactly(
                        "512 tokens of 1, 0 samples", "512 tokens of 1, 0 samples", "76 tokens of 1, 1 samples");
    }

    @Test
    void sequences_decode_together_after_their_context() {
        BenchTest test = new BenchTest.Decode(3, 2, 38);
        test.prepare(model);
        steps.clear();

        test.run(model);
        test.prepare(model);
        test.run(model);

        assertThat(steps).hasSize(4).containsOnly("3 tokens of 3, 3 samples");
        assertThat(test.tokens()).isEqualTo(6);
    }

    @Test
    void decoding_one_ahead_gives_the_same_tokens() {
        BenchedModel ahead = new BenchedModel(List.of(checked(2)), CAPACITY);
        for (BenchedModel each : List.of(model, ahead)) {
            each.prefill(1100);
            each.prepare(3, 9, 31);
            each.decode(3, 9, 31);
        }

        assertThat(ahead.tokens(2)).isEqualTo(model.tokens(2));
    }

    @Test
    void stages_in_a_row_give_the_tokens_of_one() {
        List<StageModel> row =
                List.of(new FakeModel(0, 2, LIMITS.kvBlocks(), 2), new FakeModel(1, 2, LIMITS.kvBlocks(), 2));
        BenchedModel stages = new BenchedModel(row, CAPACITY);
        for (BenchedModel each : List.of(model, stages)) {
            each.prefill(700);
            each.prepare(3, 9, 31);
            each.decode(3, 9, 31);
        }

        assertThat(stages.tokens(0)).isEqualTo(model.tokens(0));
        assertThat(stages.tokens(2)).isEqualTo(model.tokens(2));
        assertThat(stages.steps()).isEqualTo(model.steps());
    }

    @Test
    void rates_are_of_what_a_test_needs_at_least() {
        assertThat(new BenchTest.Decode(2, 3, 10).work(COSTS)).isEqualTo(3 * 123 + 2 * (11 + 12 + 13) * 16);
        assertThat(new BenchTest.Prefill(4).work(COSTS)).isEqualTo(4 * 1000 + 100 + (1 + 2 + 3 + 4) * 10);
    }

    @Test
    void what_there_is_no_room_for_is_refused() {
        assertThatThrownBy(() -> model.prefill(1201))
                .hasMessage("1201 tokens are more than the 1200 that there is room for");
        assertThatThrownBy(() -> model.prepare(2, 10, 39))
                .hasMessageStartingWith("49 tokens are more than the 48 that");
        assertThatThrownBy(() -> model.prepare(4, 1, 0))
                .hasMessage("4 sequences are more than the 3 that there is room for");
    }

    @Test
    void lines_are_answered_with_a_line_of_json_each() throws IOException {
        String input = "prefill 16\nDecode 2  3 5\n\ndecode 9 1\ndecode -1 1\nprefill \"\nexit\nprefill 1\n";
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        new BenchDialogue(new Meter(model, Duration.ZERO), COSTS, new PrintStream(bytes, true))
                .run(new BufferedReader(new StringReader(input)), "CPU");

        List<String> lines = bytes.toString().lines().toList();
        assertThat(lines).hasSize(7);
        assertThat(lines.get(0)).isEqualTo("{\"device\": \"CPU\", \"weight_bytes\": 123}");
        assertThat(lines.get(1))
                .matches("\\{\"tokens\": 16, \"wall_seconds\": [\\d.]+, \"cpu_seconds\": [\\d.]+, "
                        + "\"operations_per_second\": \\d+, \"start_microseconds\": [\\d.]+}");
        assertThat(lines.get(2)).startsWith("{\"tokens\": 6, ").contains("\"bytes_per_second\": ");
        assertThat(lines.get(3)).contains("commands are: prefill TOKENS, decode SEQUENCES STEPS [CONTEXT], exit");
        assertThat(lines.get(4)).isEqualTo("{\"error\": \"9 sequences are more than the 3 that there is room for\"}");
        assertThat(lines.get(5)).isEqualTo("{\"error\": \"-1 is not a number from 1 to 9999999\"}");
        assertThat(lines.get(6)).isEqualTo("{\"error\": \"? is not a number from 1 to 9999999\"}");
    }

    @Test
    void a_spread_has_median_and_ends() {
        List<Measurement> odd = List.of(measured(4), measured(1), measured(2));

        assertThat(Spread.of(odd, Measurement::tokensPerSecond)).isEqualTo(new Spread(2, 1, 4));
        assertThat(Spread.of(odd.subList(0, 2), Measurement::tokensPerCpuSecond))
                .isEqualTo(new Spread(1.25, 0.5, 2));
    }

    private static Measurement measured(int tokens) {
        return new Measurement(tokens, 1, 2, 3);
    }
}
