package dev.millrace.worker.schedule;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.step.SamplingParameters;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestCheckTest {

    private final RequestCheck check = new RequestCheck(new SchedulerSettings(1, 1, 100, 50, 4, 4, 64, 64, 4, true));

    @Test
    void takes_an_ordinary_request() {
        assertThat(check.refusal(Requests.greedy(new int[] {0, 49}, 1))).isNull();
        assertThat(check.refusal(Requests.greedy(new int[63], 1_000_000))).isNull();
    }

    @Test
    void names_what_makes_no_sense() {
        assertThat(invalid(Requests.greedy(new int[0], 1))).contains("at least one token");
        assertThat(invalid(Requests.greedy(new int[] {50}, 1))).contains("token id 50 is outside the vocabulary of 50");
        assertThat(invalid(Requests.greedy(new int[] {-1}, 1))).contains("token id 4294967295");
        assertThat(invalid(Requests.greedy(new int[1], 0))).contains("at most 0 output tokens");
        assertThat(invalid(replay(3, 3, 5))).contains("3 of 3 tokens cannot be output");
        assertThat(invalid(replay(3, -1, 5))).contains("-1 of 3 tokens");
        assertThat(invalid(replay(9, 5, 5))).contains("at most 5 output tokens are wanted and 5 are there");
        assertThat(invalid(biased(new int[] {50}, 1f))).contains("token id 50");
        assertThat(invalid(biased(new int[] {5}, Float.NaN))).contains("logit bias of NaN");
        assertThat(invalid(biased(new int[0], 1f))).contains("0 biased tokens have 1 biases");
    }

    @Test
    void says_how_long_a_sequence_may_be() {
        Refusal refusal = check.refusal(Requests.greedy(new int[64], 1));

        assertThat(refusal)
                .isEqualTo(new Refusal(
                        RefusalReason.TOO_LONG,
                        "64 tokens leave no room for output: a sequence can have 64 tokens (context length 100, 4 KV"
                                + " blocks)"));
    }

    @ParameterizedTest
    @CsvSource({
        "temperature, -1",
        "temperature, NaN",
        "temperature, Infinity",
        "top_p, 0",
        "top_p, 1.5",
        "top_p, NaN",
        "top_k, -1",
        "min_p, -0.1",
        "min_p, 2",
        "presence_penalty, NaN",
        "frequency_penalty, Infinity",
        "repeat_penalty, 0",
        "repeat_penalty, NaN",
        "top_logprobs, 21",
        "top_logprobs, -2",
    })
    void refuses_sampling_that_makes_no_sense(String name, float value) {
        SamplingParameters sampling = new SamplingParameters(
                name.equals("temperature") ? value : 1f,
                name.equals("top_p") ? value : 1f,
                name.equals("top_k") ? (int) value : 0,
                name.equals("min_p") ? value : 0f,
                0L,
                name.equals("presence_penalty") ? value : 0f,
                name.equals("frequency_penalty") ? value : 0f,
                name.equals("repeat_penalty") ? value : 1f,
                name.equals("top_logprobs") ? (int) value : -1);

        assertThat(invalid(changed(request ->
                        new SequenceRequest(request.tokenIds(), 0, 1, new int[0], sampling, new int[0], new float[0]))))
                .startsWith(name + " cannot be");
    }

    private String invalid(SequenceRequest request) {
        Refusal refusal = requireNonNull(check.refusal(request));
        assertThat(refusal.reason()).isEqualTo(RefusalReason.INVALID);
        return refusal.message();
    }

    private static SequenceRequest changed(UnaryOperator<SequenceRequest> change) {
        return change.apply(Requests.greedy(new int[] {1}, 1));
    }

    private static SequenceRequest replay(int length, int generatedCount, int maxTokens) {
        return new SequenceRequest(
                new int[length],
                generatedCount,
                maxTokens,
                new int[0],
                SamplingParameters.GREEDY,
                new int[0],
                new float[0]);
    }

    private static SequenceRequest biased(int[] tokens, float value) {
        return new SequenceRequest(
                new int[1], 0, 1, new int[0], SamplingParameters.GREEDY, tokens, new float[] {value});
    }
}
