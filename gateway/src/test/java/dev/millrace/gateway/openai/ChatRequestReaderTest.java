package dev.millrace.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.error.ApiError;
import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.proto.v1.SamplingParameters;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatRequestReaderTest {
    @Test
    void fills_in_openais_defaults() {
        AnswerPlan plan = Requests.chat("");
        GenerateRequest request = plan.prompts().getFirst();

        assertThat(plan.streamed()).isFalse();
        assertThat(plan.logprobsWanted()).isFalse();
        assertThat(plan.id()).startsWith("chatcmpl-").isEqualTo(request.getRequestId());
        assertThat(request.getChoices()).isEqualTo(1);
        assertThat(request.getMaxTokens()).isZero();
        assertThat(request.getSeedGiven()).isFalse();
        assertThat(request.getSampling())
                .isEqualTo(SamplingParameters.newBuilder()
                        .setTemperature(1)
                        .setTopP(1)
                        .setRepeatPenalty(1)
                        .build());
        assertThat(request.getConversation().getAddGenerationPrompt()).isTrue();
        assertThat(request.getConversation().getToolsJson()).isEmpty();
        assertThat(request.getConversation().getVariablesJson()).isEmpty();
    }

    @Test
    void reads_every_sampling_field() {
        AnswerPlan plan = Requests.chat("""
                "max_tokens":5,"temperature":0.5,"top_p":0.25,"top_k":40,"min_p":0.125,"seed":-3,"n":4,"stop":["a","b"],
                "presence_penalty":-2,"frequency_penalty":2,"repeat_penalty":1.5,"logit_bias":{"7":-100,"8":1.5},
                "logprobs":true,"top_logprobs":20,"stream":true,"stream_options":{"include_usage":true}""");
        GenerateRequest request = plan.prompts().getFirst();

        assertThat(plan.streamed()).isTrue();
        assertThat(plan.usageWanted()).isTrue();
        assertThat(plan.logprobsWanted()).isTrue();
        assertThat(plan.choices()).isEqualTo(4);
        assertThat(request.getMaxTokens()).isEqualTo(5);
        assertThat(request.getStopList()).containsExactly("a", "b");
        assertThat(request.getSeedGiven()).isTrue();
        assertThat(request.getSampling())
                .isEqualTo(SamplingParameters.newBuilder()
                        .setTemperature(0.5f)
                        .setTopP(0.25f)
                        .setTopK(40)
                        .setMinP(0.125f)
                        .setSeed(-3)
                        .setPresencePenalty(-2)
                        .setFrequencyPenalty(2)
                        .setRepeatPenalty(1.5f)
                        .putAllLogitBias(Map.of(7, -100f, 8, 1.5f))
                        .setLogprobs(true)
                        .setTopLogprobs(20)
                        .build());
    }

    @Test
    void max_completion_tokens_wins_over_max_tokens() {
        assertThat(maxTokens("\"max_tokens\":5,\"max_completion_tokens\":3")).isEqualTo(3);
        assertThat(maxTokens("\"max_completion_tokens\":3")).isEqualTo(3);
        assertThat(maxTokens("\"max_tokens\":2147483647")).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void top_k_minus_one_means_all() {
        assertThat(Requests.chat("\"top_k\":-1")
                        .prompts()
                        .getFirst()
                        .getSampling()
                        .getTopK())
                .isZero();
    }

    @Test
    void repetition_penalty_is_another_name() {
        assertThat(Requests.chat("\"repetition_penalty\":1.25")
                        .prompts()
                        .getFirst()
                        .getSampling()
                        .getRepeatPenalty())
                .isEqualTo(1.25f);
        assertThat(error("\"repetition_penalty\":1.25,\"repeat_penalty\":1.5").parameter())
                .isEqualTo("repetition_penalty");
    }

    @Test
    void one_stop_string_needs_no_array() {
        assertThat(Requests.chat("\"stop\":\"x\"").prompts().getFirst().getStopList())
                .containsExactly("x");
        assertThat(Requests.chat("\"stop\":[]").prompts().getFirst().getStopList())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"user\":\"u1\",\"store\":false,\"metadata\":{\"a\":\"b\"},\"some_future_field\":{\"x\":1}",
                "\"stream_options\":{\"include_usage\":true},\"stream\":false",
                "\"response_format\":{\"type\":\"text\"}",
                "\"modalities\":[\"text\"]",
                "\"audio\":null,\"functions\":[],\"function_call\":\"auto\"",
                "\"temperature\":null,\"max_tokens\":null,\"n\":null,\"stop\":null,\"logit_bias\":null,\"seed\":null",
                "\"top_logprobs\":0"
            })
    void accepts_what_changes_nothing(String fields) {
        assertThat(Requests.chat(fields).choices()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"max_tokens\":-5                | max_tokens             | from 1 to 2147483647",
                "\"max_tokens\":0                 | max_tokens             | from 1 to 2147483647",
                "\"max_tokens\":\"ten\"           | max_tokens             | an integer",
                "\"max_tokens\":1.5               | max_tokens             | an integer",
                "\"max_tokens\":2147483648        | max_tokens             | from 1 to 2147483647",
                "\"max_completion_tokens\":0      | max_completion_tokens  | from 1 to 2147483647",
                "\"temperature\":\"hot\"          | temperature            | from 0 to 2",
                "\"temperature\":99               | temperature            | from 0 to 2",
                "\"temperature\":-1               | temperature            | from 0 to 2",
                "\"temperature\":[1]              | temperature            | from 0 to 2",
                "\"top_p\":2                      | top_p                  | above 0 and at most 1",
                "\"top_p\":0                      | top_p                  | above 0 and at most 1",
                "\"top_k\":-2                     | top_k                  | from -1",
                "\"top_k\":1.5                    | top_k                  | an integer",
                "\"min_p\":1.5                    | min_p                  | from 0 to 1",
                "\"presence_penalty\":2.5         | presence_penalty       | from -2 to 2",
                "\"frequency_penalty\":\"x\"      | frequency_penalty      | from -2 to 2",
                "\"repeat_penalty\":0             | repeat_penalty         | above 0",
                "\"seed\":\"x\"                   | seed                   | an integer",
                "\"seed\":1.5                     | seed                   | an integer",
                "\"stream\":\"yes\"               | stream                 | true or false",
                "\"stream_options\":5             | stream_options         | an object",
                "\"stream_options\":{\"include_usage\":1} | stream_options.include_usage | true or false",
                "\"n\":0                          | n                      | from 1 to 16",
                "\"n\":1000000                    | n                      | from 1 to 16",
                "\"logprobs\":\"x\"               | logprobs               | true or false",
                "\"logprobs\":true,\"top_logprobs\":100 | top_logprobs     | from 0 to 20",
                "\"top_logprobs\":3               | top_logprobs           | needs logprobs",
                "\"stop\":5                       | stop                   | array of 1 to 4 strings",
                "\"stop\":[5]                     | stop[0]                | a string",
                "\"stop\":[\"\"]                  | stop[0]                | 1 to 4096 characters",
                "\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"] | stop           | 5 strings",
                "\"logit_bias\":[1]               | logit_bias             | an object",
                "\"logit_bias\":{\"x\":1}         | logit_bias.x           | a token id",
                "\"logit_bias\":{\"-1\":1}        | logit_bias.-1          | a token id",
                "\"logit_bias\":{\"5\":101}       | logit_bias.5           | from -100 to 100",
                "\"logit_bias\":{\"5\":\"a\"}     | logit_bias.5           | from -100 to 100",
                "\"response_format\":{\"type\":\"sound\"}       | response_format.type | text",
                "\"response_format\":{}           | response_format.type   | missing",
                "\"response_format\":\"text\"     | response_format        | an object",
                "\"response_format\":{\"type\":\"json_object\"} | response_format | not supported",
                "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{}} | response_format | not supported",
                "\"modalities\":[\"text\",\"audio\"] | modalities          | text only",
                "\"audio\":{\"voice\":\"x\"}      | audio                  | not supported",
                "\"functions\":[{\"name\":\"f\"}] | functions              | use tools",
                "\"function_call\":{\"name\":\"f\"} | function_call        | cannot force",
                "\"web_search_options\":{}        | web_search_options     | not supported",
                "\"enable_thinking\":\"no\"       | enable_thinking        | true or false",
                "\"chat_template_kwargs\":[]      | chat_template_kwargs   | an object",
                "\"tools\":{}                     | tools                  | an array of tools",
                "\"tools\":[5]                    | tools[0]               | an object",
                "\"tools\":[{\"type\":\"x\"}]     | tools[0].type          | function",
                "\"tool_choice\":\"maybe\"        | tool_choice            | none, auto, required",
                "\"tool_choice\":\"required\"     | tool_choice            | no tools",
                "\"tool_choice\":5                | tool_choice            | none, auto, required",
            })
    void names_the_field_and_what_is_allowed(String fields, String parameter, String allowed) {
        ApiError error = error(fields);

        assertThat(error.status().value()).isEqualTo(400);
        assertThat(error.type()).isEqualTo("invalid_request_error");
        assertThat(error.parameter()).isEqualTo(parameter);
        assertThat(error.message()).startsWith(parameter).contains(allowed);
        assertThat(error.code()).isNotBlank();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}              | model",
                "{\"model\":5,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}  | model",
                "{\"model\":\"\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]} | model",
                "{\"model\":\"m\"}                                                  | messages",
                "{\"model\":\"m\",\"messages\":[]}                                  | messages",
                "{\"model\":\"m\",\"messages\":\"hi\"}                              | messages",
                "{\"model\":\"m\",\"messages\":[123]}                               | messages[0]",
                "{\"model\":\"m\",\"messages\":[{\"content\":\"x\"}]}               | messages[0].role",
                "{\"model\":\"m\",\"messages\":[{\"role\":\"wizard\",\"content\":\"x\"}]} | messages[0].role",
                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\"}]}               | messages[0].content",
                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":null}]} | messages[0].content",
                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":5}]} | messages[0].content",
                "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"content\":null}]} | messages[0].content",
                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"hologram\",\"x\":1}]}]}"
                        + " | messages[0].content[0].type",
                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]}"
                        + " | messages[0].content[0].type",
                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}]}"
                        + " | messages[0].content[0].text",
            })
    void refuses_bodies_without_a_model_or_a_conversation(String body, String parameter) {
        ApiError error = Requests.refused(() -> Requests.chatBody(body));

        assertThat(error.status().value()).isEqualTo(400);
        assertThat(error.parameter()).isEqualTo(parameter);
    }

    private static int maxTokens(String fields) {
        return Requests.chat(fields).prompts().getFirst().getMaxTokens();
    }

    private static ApiError error(String fields) {
        return Requests.refused(() -> Requests.chat(fields));
    }
}
