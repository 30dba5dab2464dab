package dev.millrace.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.proto.v1.Conversation;
import org.junit.jupiter.api.Test;

class ConversationFieldsTest {
    private static final String TOOL = """
            {"type":"function","function":{"name":"get_weather","description":"d","parameters":{"type":"object"}}}""";

    @Test
    void parts_of_text_become_one_string() {
        assertThat(messages("""
                [{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]""")).isEqualTo("[{\"role\":\"user\",\"content\":\"a\\nb\"}]");
    }

    @Test
    void a_developer_is_a_system() {
        assertThat(messages("[{\"role\":\"developer\",\"content\":\"Be brief.\",\"name\":\"d\"}]"))
                .isEqualTo("[{\"role\":\"system\",\"name\":\"d\",\"content\":\"Be brief.\"}]");
    }

    @Test
    void arguments_of_earlier_calls_become_objects() {
        assertThat(messages("""
                [{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",
                "function":{"name":"f","arguments":"{\\"unit\\":\\"C\\"}"}}]},
                {"role":"tool","tool_call_id":"c1","content":"12"}]"""))
                .isEqualTo("[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\","
                        + "\"function\":{\"name\":\"f\",\"arguments\":{\"unit\":\"C\"}}}],\"content\":\"\"},"
                        + "{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"12\"}]");
    }

    @Test
    void arguments_that_are_no_json_stay_text() {
        assertThat(messages("""
                [{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"not json"}}]}]""")).contains("\"arguments\":\"not json\"");
    }

    @Test
    void tools_are_shown_to_the_template() {
        assertThat(read("\"tools\":[" + TOOL + "]").getToolsJson()).contains("get_weather");
        assertThat(read("\"tools\":[" + TOOL + "],\"tool_choice\":\"auto\"").getToolsJson())
                .contains("get_weather");
    }

    @Test
    void tools_that_must_not_be_called_are_not_shown() {
        assertThat(read("\"tools\":[" + TOOL + "],\"tool_choice\":\"none\"").getToolsJson())
                .isEmpty();
    }

    @Test
    void a_call_cannot_be_forced_yet() {
        assertThat(Requests.refused(() -> read("\"tools\":[" + TOOL + "],\"tool_choice\":\"required\""))
                        .code())
                .isEqualTo("unsupported_parameter");
        assertThat(Requests.refused(() -> read("\"tools\":[" + TOOL + "],\"tool_choice\":"
                                + "{\"type\":\"function\",\"function\":{\"name\":\"get_weather\"}}"))
                        .code())
                .isEqualTo("unsupported_parameter");
    }

    @Test
    void an_unknown_tool_is_named() {
        assertThat(Requests.refused(() -> read("\"tools\":[" + TOOL + "],\"tool_choice\":"
                                + "{\"type\":\"function\",\"function\":{\"name\":\"nope\"}}"))
                        .message())
                .contains("\"nope\"");
    }

    @Test
    void variables_go_to_the_template() {
        assertThat(read("\"chat_template_kwargs\":{\"a\":1},\"enable_thinking\":false,\"reasoning_effort\":\"low\"")
                        .getVariablesJson())
                .isEqualTo("{\"a\":1,\"enable_thinking\":false,\"reasoning_effort\":\"low\"}");
    }

    @Test
    void half_a_surrogate_pair_is_refused_wherever_it_hides() {
        assertThat(Requests.refused(() -> read("\"chat_template_kwargs\":{\"a\":\"\\ud800\"}"))
                        .parameter())
                .isEqualTo("chat_template_kwargs");
        assertThat(Requests.refused(() -> messages("[{\"role\":\"user\",\"content\":\"\\ud800\"}]"))
                        .parameter())
                .isEqualTo("messages");
    }

    private static Conversation read(String fields) {
        return Requests.chat(fields).prompts().getFirst().getConversation();
    }

    private static String messages(String array) {
        return Requests.chatBody("{\"model\":\"m\",\"messages\":" + array + "}")
                .prompts()
                .getFirst()
                .getConversation()
                .getMessagesJson();
    }
}
