package dev.millrace.worker.grpc.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.proto.v1.SamplingParameters;
import dev.millrace.proto.v1.SubmittedSequence;
import dev.millrace.worker.schedule.SequenceRequest;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SubmissionCheckTest {

    private final SubmissionCheck check = new SubmissionCheck(100);

    private static SubmittedSequence.Builder good() {
        return SubmittedSequence.newBuilder()
                .addTokenIds(0)
                .addTokenIds(99)
                .setGeneratedCount(1)
                .setMaxTokens(5)
                .addEndTokenIds(42)
                .setSampling(SamplingParameters.newBuilder()
                        .setTemperature(0.5f)
                        .setTopP(0.9f)
                        .setTopK(40)
                        .setMinP(0.1f)
                        .setSeed(-1)
                        .setPresencePenalty(-2f)
                        .setFrequencyPenalty(2f)
                        .setRepeatPenalty(1.1f)
                        .putLogitBias(3, -100f)
                        .setLogprobs(true)
                        .setTopLogprobs(20));
    }

    private void assertRefused(Consumer<SubmittedSequence.Builder> change, String because) {
        SubmittedSequence.Builder sequence = good();
        change.accept(sequence);
        assertThatThrownBy(() -> check.request(sequence.build()))
                .isInstanceOf(InvalidSequenceException.class)
                .hasMessageContaining(because);
    }

    private void assertSamplingRefused(Consumer<SamplingParameters.Builder> change, String because) {
        assertRefused(sequence -> change.accept(sequence.getSamplingBuilder()), because);
    }

    @Test
    void a_good_sequence_becomes_a_request() throws InvalidSequenceException {
        SequenceRequest request = check.request(good().build());
        assertThat(request.tokenIds()).containsExactly(0, 99);
        assertThat(request.generatedCount()).isEqualTo(1);
        assertThat(request.maxTokens()).isEqualTo(5);
        assertThat(request.endTokenIds()).containsExactly(42);
        assertThat(request.biasTokenIds()).containsExactly(3);
        assertThat(request.biasValues()).containsExactly(-100f);
        assertThat(request.sampling())
                .isEqualTo(
                        new dev.millrace.worker.step.SamplingParameters(0.5f, 0.9f, 40, 0.1f, -1, -2f, 2f, 1.1f, 20));
    }

    @Test
    void log_probabilities_are_given_only_when_asked_for() throws InvalidSequenceException {
        SubmittedSequence.Builder sequence = good();
        sequence.getSamplingBuilder().setLogprobs(false);
        assertThat(check.request(sequence.build()).sampling().topLogprobs()).isEqualTo(-1);
    }

    @Test
    void counts_that_make_no_sense_are_refused() {
        assertRefused(SubmittedSequence.Builder::clearTokenIds, "token_ids has no ids");
        assertRefused(sequence -> sequence.setGeneratedCount(2), "generated_count has 2");
        assertRefused(sequence -> sequence.setGeneratedCount(-1), "generated_count has -1");
        assertRefused(sequence -> sequence.setMaxTokens(1), "max_tokens has 1");
        assertRefused(sequence -> sequence.setMaxTokens(-1), "max_tokens has -1");
        assertRefused(
                sequence -> {
                    for (int i = 0; i < 2000; i++) {
                        sequence.addEndTokenIds(1);
                    }
                },
                "end_token_ids has 2001 ids");
    }

    @Test
    void token_ids_outside_of_the_vocabulary_are_refused() {
        assertRefused(sequence -> sequence.addTokenIds(100), "token_ids has id 100, allowed is below 100");
        assertRefused(sequence -> sequence.addTokenIds(-1), "token_ids has id 4294967295");
        assertRefused(sequence -> sequence.addEndTokenIds(100), "end_token_ids has id 100");
        assertSamplingRefused(sampling -> sampling.putLogitBias(100, 1f), "logit_bias has id 100");
    }

    @Test
    void sampling_values_out_of_range_are_refused() {
        assertSamplingRefused(sampling -> sampling.setTemperature(-0.1f), "temperature has -0.1");
        assertSamplingRefused(sampling -> sampling.setTemperature(Float.NaN), "temperature has NaN");
        assertSamplingRefused(sampling -> sampling.setTemperature(Float.POSITIVE_INFINITY), "temperature");
        assertSamplingRefused(sampling -> sampling.setTopP(1.1f), "top_p has 1.1");
        assertSamplingRefused(sampling -> sampling.setTopK(-1), "top_k has -1");
        assertSamplingRefused(sampling -> sampling.setMinP(2f), "min_p has 2.0");
        assertSamplingRefused(sampling -> sampling.setPresencePenalty(Float.NaN), "presence_penalty");
        assertSamplingRefused(sampling -> sampling.setFrequencyPenalty(1e9f), "frequency_penalty");
        assertSamplingRefused(sampling -> sampling.setRepeatPenalty(0f), "repeat_penalty has 0.0");
        assertSamplingRefused(sampling -> sampling.putLogitBias(1, Float.NaN), "logit_bias has NaN");
        assertSamplingRefused(sampling -> sampling.setTopLogprobs(21), "top_logprobs has 21");
        assertRefused(
                sequence -> {
                    for (int i = 0; i < 1025; i++) {
                        sequence.getSamplingBuilder().putLogitBias(i, 1f);
                    }
                },
                "logit_bias has 1025 tokens");
    }
}
