package dev.millrace.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.error.ApiError;
import dev.millrace.proto.v1.GenerateRequest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionRequestReaderTest {
    @Test
    void reads_text() {
        AnswerPlan plan = Requests.completion("\"prompt\":\"Once\"");

        assertThat(plan.id()).startsWith("cmpl-");
        assertThat(plan.prompts().getFirst().getText()).isEqualTo("Once");
        assertThat(plan.prompts().getFirst().getMaxTokens()).isEqualTo(16);
    }

    @Test
    void reads_several_texts() {
        AnswerPlan plan = Requests.completion("\"prompt\":[\"Once\",\"The sea\"],\"n\":2");

        assertThat(plan.prompts()).extracting(GenerateRequest::getText).containsExactly("Once", "The sea");
        assertThat(plan.choices()).isEqualTo(4);
    }

    @Test
    void reads_token_ids() {
        assertThat(ids("[1,2,3]")).containsExactly(List.of(1, 2, 3));
        assertThat(ids("[[1],[2,3]]")).containsExactly(List.of(1), List.of(2, 3));
    }

    @Test
    void texts_and_token_ids_may_stand_side_by_side() {
        AnswerPlan plan = Requests.completion("\"prompt\":[\"Once\",[4,5]]");

        assertThat(plan.prompts().get(0).hasText()).isTrue();
        assertThat(plan.prompts().get(1).hasTokenIds()).isTrue();
    }

    @Test
    void logprobs_is_a_number() {
        GenerateRequest request =
                Requests.completion("\"prompt\":\"x\",\"logprobs\":3").prompts().getFirst();

        assertThat(request.getSampling().getLogprobs()).isTrue();
        assertThat(request.getSampling().getTopLogprobs()).isEqualTo(3);
    }

    @Test
    void accepts_values_that_change_nothing() {
        assertThat(Requests.completion("\"prompt\":\"x\",\"echo\":false,\"suffix\":null,\"best_of\":2,\"n\":2")
                        .choices())
                .isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"temperature\":0                     | prompt",
                "\"prompt\":{\"a\":1}                  | prompt",
                "\"prompt\":5                          | prompt",
                "\"prompt\":[]                         | prompt",
                "\"prompt\":[[]]                       | prompt[0]",
                "\"prompt\":[{}]                       | prompt[0]",
                "\"prompt\":[1,\"a\"]                  | prompt[1]",
                "\"prompt\":[1,-2]                     | prompt[1]",
                "\"prompt\":[1.5]                      | prompt[0]",
                "\"prompt\":[[1],[\"x\"]]              | prompt[1][0]",
                "\"prompt\":\"\\ud800\"                | prompt",
                "\"prompt\":\"x\",\"echo\":true        | echo",
                "\"prompt\":\"x\",\"suffix\":\"end\"   | suffix",
                "\"prompt\":\"x\",\"best_of\":3        | best_of",
                "\"prompt\":\"x\",\"logprobs\":true    | logprobs",
                "\"prompt\":\"x\",\"logprobs\":21      | logprobs",
            })
    void names_the_field_that_is_wrong(String fields, String parameter) {
        ApiError error = Requests.refused(() -> Requests.completion(fields));

        assertThat(error.status().value()).isEqualTo(400);
        assertThat(error.parameter()).isEqualTo(parameter);
    }

    private static List<List<Integer>> ids(String prompt) {
        return Requests.completion("\"prompt\":" + prompt).prompts().stream()
                .map(request -> request.getTokenIds().getIdsList())
                .toList();
    }
}
