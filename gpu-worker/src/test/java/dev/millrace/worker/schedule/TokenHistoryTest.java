package dev.millrace.worker.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepInputBuilder;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenHistoryTest {

    private record Penalty(int generated, boolean repeats) {}

    @ParameterizedTest(name = "presence {0}, frequency {1}, repeat {2}, vocabulary {3}")
    @CsvSource({
        "0.5, 0, 1, 3",
        "0, 0.5, 1, 1000",
        "0, 0, 1.1, 40",
        "0.5, 0.5, 1.1, 40",
        "0.5, 0, 1.1, 100000",
        "0, 0, 1.1, 100000",
    })
    void lists_what_counting_from_the_start_lists(float presence, float frequency, float repeat, int vocabulary) {
        Random random = new Random(vocabulary);
        SamplingParameters sampling = new SamplingParameters(0f, 1f, 0, 0f, 0L, presence, frequency, repeat, -1);
        for (int promptLength : new int[] {1, 10, 64, 65, 200}) {
            int[] tokens = random.ints(1_000, 0, vocabulary).toArray();
            int start = promptLength + random.nextInt(100);
            TokenHistory history = new TokenHistory(sampling, tokens, promptLength, start);
            for (int length = start; length < tokens.length; length++) {
                if (length > start) {
                    history.append(tokens, length);
                }
                if (length % 13 == 0 || length < start + 3) {
                    assertThat(packed(history::pack)).isEqualTo(expected(sampling, tokens, promptLength, length));
                }
            }
        }
    }

    @ParameterizedTest(name = "presence {0}, frequency {1}, repeat {2}, vocabulary {3}")
    @CsvSource({"0.5, 0, 1, 3", "0, 0, 1.1, 40", "0.5, 0.5, 1.1, 40", "0.5, 0, 1.1, 100000"})
    void one_ahead_it_lists_all_but_the_token_that_is_not_known(
            float presence, float frequency, float repeat, int vocabulary) {
        Random random = new Random(vocabulary);
        SamplingParameters sampling = new SamplingParameters(0f, 1f, 0, 0f, 0L, presence, frequency, repeat, -1);
        int[] tokens = random.ints(400, 0, vocabulary).toArray();
        TokenHistory history = new TokenHistory(sampling, tokens, 20, 20);
        for (int length = 20; length < tokens.length; length++) {
            int known = length;
            Map<Integer, Penalty> ahead = packed(builder -> history.packAhead(builder, tokens, known));
            Penalty before = ahead.getOrDefault(tokens[length], new Penalty(0, false));
            boolean counts = presence != 0 || frequency != 0;
            ahead.put(
                    tokens[length],
                    new Penalty(before.generated() + (counts ? 1 : 0), before.repeats() || repeat != 1f));

            assertThat(ahead).isEqualTo(expected(sampling, tokens, 20, length + 1));
            history.append(tokens, length + 1);
            assertThat(packed(history::pack)).isEqualTo(ahead);
        }
    }

    private static Map<Integer, Penalty> packed(Consumer<StepInputBuilder> history) {
        StepInputBuilder builder = new StepInputBuilder();
        builder.sequence(new int[1], 0, 1, new int[1]);
        builder.sample(1, 0, SamplingParameters.GREEDY);
        history.accept(builder);
        StepInput input = new StepInput(64);
        builder.build(1, 1, input);
        Map<Integer, Penalty> penalties = new HashMap<>();
        for (int i = 0; i < input.penaltyCount(0); i++) {
            Penalty penalty = new Penalty(input.penaltyGenerated(0, i), input.penaltyRepeats(0, i));
            assertThat(penalties.put(input.penaltyToken(0, i), penalty)).isNull();
        }
        return penalties;
    }

    private static Map<Integer, Penalty> expected(
            SamplingParameters sampling, int[] tokens, int promptLength, int length) {
        Map<Integer, Penalty> penalties = new HashMap<>();
        if (sampling.presencePenalty() != 0 || sampling.frequencyPenalty() != 0) {
            for (int i = promptLength; i < length; i++) {
                penalties.merge(
                        tokens[i], new Penalty(1, false), (a, b) -> new Penalty(a.generated() + b.generated(), false));
            }
        }
        if (sampling.repeatPenalty() != 1f) {
            for (int i = Math.max(0, length - 64); i < length; i++) {
                Penalty known = penalties.getOrDefault(tokens[i], new Penalty(0, false));
                penalties.put(tokens[i], new Penalty(known.generated(), true));
            }
        }
        return penalties;
    }
}
