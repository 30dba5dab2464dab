package dev.millrace.worker.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepOutput;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplerTest {

    private static final float[] LOGITS = {1.5f, -0.5f, 2f, 0f, 1f, 2f, -30f, 0.25f, -1f, 0.5f};

    @Test
    void temperature_0_takes_the_likeliest_and_the_lowest_id_of_equals() {
        assertThat(Drawing.token(LOGITS, SamplingParameters.GREEDY, 5)).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 0, 0",
        "0.7, 1, 0, 0",
        "2.5, 1, 0, 0",
        "1, 1, 3, 0",
        "1, 1, 2, 0",
        "1, 0.5, 0, 0",
        "1.3, 0.9, 0, 0",
        "1, 1, 0, 0.2",
        "1, 0.95, 7, 0.1",
        "1.2, 0.6, 5, 0"
    })
    void draws_follow_the_distribution(float temperature, float topP, int topK, float minP) {
        int draws = 20_000;
        double[] expected = Drawing.expected(LOGITS, temperature, topP, topK, minP);
        int[] counts = Drawing.counts(LOGITS, temperature, topP, topK, minP, draws);
        double chiSquare = 0;
        for (int id = 0; id < LOGITS.length; id++) {
            if (expected[id] < 1e-6) {
                assertThat(counts[id])
                        .as("draws of a token that is cut off: %d", id)
                        .isZero();
            } else {
                double difference = counts[id] - expected[id] * draws;
                chiSquare += difference * difference / (expected[id] * draws);
            }
        }
        // With at most 9 degrees of freedom less than one in a thousand fair samplers exceeds this.
        assertThat(chiSquare).isLessThan(27.9);
    }

    @Test
    void top_p_and_min_p_always_leave_the_likeliest() {
        for (int seed = 0; seed < 50; seed++) {
            assertThat(Drawing.token(LOGITS, Drawing.parameters(1f, 0f, 0, 0f, seed), 3))
                    .isEqualTo(2);
            assertThat(Drawing.token(LOGITS, Drawing.parameters(1f, 1f, 1, 0f, seed), 3))
                    .isEqualTo(2);
            assertThat(Drawing.token(LOGITS, Drawing.parameters(1f, 1f, 0, 1f, seed), 3))
                    .isIn(2, 5);
        }
    }

    @Test
    void cuts_of_a_large_vocabulary_equal_sorting() {
        Random random = new Random(4);
        float[] logits = new float[5000];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = Math.round(random.nextGaussian() * 20) / 8f;
        }
        double[] expected = Drawing.expected(logits, 1f, 0.3f, 60, 0f);
        for (int seed = 0; seed < 500; seed++) {
            int id = Drawing.token(logits, Drawing.parameters(1f, 0.3f, 60, 0f, seed), 9);
            assertThat(expected[id]).as("probability of %d", id).isPositive();
        }
    }

    @Test
    void seed_and_position_alone_decide() {
        float[] flat = new float[1000];
        SamplingParameters parameters = Drawing.parameters(1f, 1f, 0, 0f, 42);
        int[] first = new int[20];
        for (int position = 1; position < first.length; position++) {
            first[position] = Drawing.token(flat, parameters, position);
        }
        int same = 0;
        for (int position = first.length - 1; position > 0; position--) {
            assertThat(Drawing.token(flat, parameters, position)).isEqualTo(first[position]);
            same += Drawing.token(flat, Drawing.parameters(1f, 1f, 0, 0f, 43), position) == first[position] ? 1 : 0;
        }
        assertThat(same).isLessThan(3);
        assertThat(first).doesNotHaveDuplicates();
    }

    @Test
    void penalties_come_before_biases() {
        SamplingParameters parameters = new SamplingParameters(0f, 1f, 0, 0f, 0, 0.5f, 0.25f, 2f, 0);
        float[] logits = {4f, 1f, -1f, 3f, 0f};
        // 4 / 2 - 0.5 - 2 * 0.25 = 1; 3 / 2 = 1.5; -1 * 2 = -2 and 4 more; 1 unchanged.
        StepOutput output = Drawing.sample(logits, parameters, 8, builder -> {
            builder.penalty(0, 2, true);
            builder.penalty(3, 0, true);
            builder.penalty(2, 0, true);
            builder.bias(2, 4f);
        });
        assertThat(output.tokenId(0)).isEqualTo(2);
        StepOutput unbiased = Drawing.sample(logits, parameters, 8, builder -> {
            builder.penalty(0, 2, true);
            builder.penalty(3, 0, true);
        });
        assertThat(unbiased.tokenId(0)).isEqualTo(3);
        StepOutput counted = Drawing.sample(logits, parameters, 8, builder -> {
            builder.penalty(0, 12, false);
            builder.penalty(3, 9, false);
        });
        assertThat(counted.tokenId(0)).isEqualTo(1);
    }

    @Test
    void a_token_that_the_step_names_by_its_place_is_penalised_as_one_more() {
        SamplingParameters parameters = new SamplingParameters(0f, 1f, 0, 0f, 0, 0.5f, 0.25f, 2f, 0);
        float[] logits = {4f, 1f, -1f, 3f, 0f};

        // 4 / 2 - 0.5 - 0.25 = 1.25
        assertThat(Drawing.after(0, logits, parameters, builder -> {}).tokenId(0))
                .isEqualTo(3);
        // And 3 / 2 - 0.5 - 0.25 = 0.75
        assertThat(Drawing.after(0, logits, parameters, builder -> builder.penalty(3, 1, true))
                        .tokenId(0))
                .isZero();
        // 4 / 2 - 0.5 - 0.25 * 3 = 0.75
        assertThat(Drawing.after(0, logits, parameters, builder -> {
                            builder.penalty(0, 2, false);
                            builder.penalty(3, 2, true);
                        })
                        .tokenId(0))
                .isEqualTo(1);
    }

    @Test
    void log_probabilities_are_those_of_the_raw_logits() {
        SamplingParameters parameters = new SamplingParameters(0f, 1f, 0, 0f, 0, 0f, 0f, 1f, 3);
        StepOutput output = Drawing.sample(LOGITS, parameters, 8, builder -> builder.bias(4, 100f));
        double[] probabilities = Drawing.expected(LOGITS, 1f, 1f, 0, 0f);
        assertThat(output.sequence(0)).isEqualTo(77);
        assertThat(output.tokenId(0)).isEqualTo(4);
        assertThat(output.logprob(0)).isCloseTo((float) Math.log(probabilities[4]), within(1e-5f));
        assertThat(output.topCount(0)).isEqualTo(3);
        assertThat(output.topTokenId(0, 0)).isEqualTo(2);
        assertThat(output.topTokenId(0, 1)).isEqualTo(5);
        assertThat(output.topTokenId(0, 2)).isZero();
        assertThat(output.topLogprob(0, 2)).isCloseTo((float) Math.log(probabilities[0]), within(1e-5f));
    }

    @Test
    void without_a_wish_there_are_no_log_probabilities() {
        StepOutput output = Drawing.sample(LOGITS, SamplingParameters.GREEDY, 8, builder -> {});
        assertThat(output.logprob(0)).isNaN();
        assertThat(output.topCount(0)).isZero();
    }

    @Test
    void more_likeliest_tokens_than_the_vocabulary_has_are_all_of_them() {
        SamplingParameters parameters = new SamplingParameters(0f, 1f, 0, 0f, 0, 0f, 0f, 1f, 20);
        StepOutput output = Drawing.sample(LOGITS, parameters, 8, builder -> {});
        assertThat(output.topCount(0)).isEqualTo(LOGITS.length);
        assertThat(output.topTokenId(0, LOGITS.length - 1)).isEqualTo(6);
    }

    @Test
    void broken_logits_still_give_a_token_id() {
        SamplingParameters parameters = Drawing.parameters(1f, 0.9f, 5, 0.1f, 1);
        float inf = Float.POSITIVE_INFINITY;
        assertThat(Drawing.token(new float[] {Float.NaN, Float.NaN}, parameters, 2))
                .isZero();
        assertThat(Drawing.token(new float[] {-inf, -inf}, parameters, 2)).isZero();
        assertThat(Drawing.token(new float[] {1f, inf, Float.NaN}, parameters, 2))
                .isEqualTo(1);
        assertThat(Drawing.token(new float[] {Float.NaN, -inf, 3f}, parameters, 2))
                .isEqualTo(2);
        assertThat(Drawing.token(new float[] {1f, 2f}, Drawing.parameters(1e-40f, 1f, 0, 0f, 1), 2))
                .isEqualTo(1);
    }
}
