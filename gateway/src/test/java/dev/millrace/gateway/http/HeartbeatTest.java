package dev.millrace.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.fake.FakeTokenizer;
import dev.millrace.gateway.fake.RawHttp;
import dev.millrace.gateway.fake.TestServers;
import java.net.Socket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeartbeatTest {
    @BeforeEach
    void reset() {
        TestServers.TOKENIZER.reset();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/v1/chat/completions | \"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]",
                "/v1/completions | \"prompt\":\"Hi\""
            })
    void a_silent_stream_stays_awake(String path, String prompt) throws Exception {
        TestServers.TOKENIZER.script((request, events) ->
                events.onNext(FakeTokenizer.eventsOf(request, 3).getFirst()));
        try (Socket socket = TestServers.GATEWAY.connect()) {
            RawHttp.send(socket, RawHttp.post(path, "{\"model\":\"fake/model-1\",\"stream\":true," + prompt + "}"));

            String answer = RawHttp.read(socket, text -> text.contains(": waiting\n\n"));
            assertThat(answer).startsWith("HTTP/1.1 200").contains(": waiting\n\n");
        }
    }
}
