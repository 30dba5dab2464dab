package dev.millrace.gateway.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.fake.FakeTokenizer;
import dev.millrace.gateway.fake.RunningGateway;
import dev.millrace.gateway.fake.RunningGateway.Reply;
import dev.millrace.gateway.fake.TestServers;
import dev.millrace.proto.v1.GetStatusResponse;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HealthEndpointTest {
    private final RunningGateway gateway = TestServers.GATEWAY;

    @BeforeEach
    void reset() {
        TestServers.TOKENIZER.reset();
    }

    @Test
    void a_process_that_answers_lives() {
        assertThat(gateway.get("/health").text()).isEqualTo("{\"status\":\"ok\"}");
    }

    @Test
    void a_pipeline_that_works_makes_it_ready() {
        assertThat(gateway.get("/ready").status()).isEqualTo(200);
    }

    @Test
    void without_one_it_says_why_it_is_not_ready() {
        TestServers.TOKENIZER.status(GetStatusResponse.newBuilder()
                .setReason("1 of 2 workers are registered")
                .build());
        Reply reply = gateway.get("/ready");

        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.header("Retry-After")).isEqualTo("1");
        assertThat(reply.json().at("/error/message").stringValue()).isEqualTo("1 of 2 workers are registered");
        assertThat(reply.json().at("/error/code").stringValue()).isEqualTo("not_ready");
    }

    @Test
    void it_lives_without_a_tokenizer_service_and_finds_it_when_it_comes_back() throws IOException {
        FakeTokenizer first = new FakeTokenizer(0);
        int port = first.port();
        try (RunningGateway alone = RunningGateway.start(first.address())) {
            assertThat(alone.get("/ready").status()).isEqualTo(200);
            first.close();
            assertThat(alone.get("/ready").status()).isEqualTo(503);
            assertThat(alone.get("/health").status()).isEqualTo(200);
            Reply chat = alone.post(
                    "/v1/chat/completions", "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}");
            assertThat(chat.status()).isEqualTo(503);
            assertThat(chat.header("Retry-After")).isNotEmpty();

            FakeTokenizer second = new FakeTokenizer(port);
            int attempts = 0;
            while (alone.get("/ready").status() != 200 && attempts < 1000) {
                attempts++;
            }
            assertThat(alone.get("/ready").status()).isEqualTo(200);
            second.close();
        }
    }
}
