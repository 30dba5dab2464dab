package dev.millrace.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.fake.Eventually;
import dev.millrace.gateway.fake.FakeTokenizer;
import dev.millrace.gateway.fake.RawHttp;
import dev.millrace.gateway.fake.RunningGateway;
import dev.millrace.gateway.fake.RunningGateway.Reply;
import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String BODY = "{\"model\":\"" + FakeTokenizer.MODEL
            + "\",\"max_tokens\":3,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

    private FakeTokenizer tokenizer;
    private RunningGateway gateway;

    @BeforeEach
    void start() throws IOException {
        tokenizer = new FakeTokenizer(0);
        gateway = RunningGateway.start(tokenizer.address(), "millrace.max-concurrent-requests=2");
    }

    @AfterEach
    void stop() {
        gateway.close();
        tokenizer.close();
    }

    @Test
    void one_request_too_many_is_429_and_others_are_none_of_its_business() throws Exception {
        tokenizer.script((request, events) -> {});
        try (Socket first = gateway.connect();
                Socket second = gateway.connect()) {
            RawHttp.send(first, RawHttp.post(CHAT, BODY));
            RawHttp.send(second, RawHttp.post(CHAT, BODY));
            Eventually.holds("both are held", () -> tokenizer.open() == 2);

            Reply third = gateway.post(CHAT, BODY);
            assertThat(third.status()).isEqualTo(429);
            assertThat(third.header("Retry-After")).isEqualTo("1");
            assertThat(third.json().at("/error/code").stringValue()).isEqualTo("too_many_requests");
            assertThat(gateway.get("/v1/models").status()).isEqualTo(200);
        }
        Eventually.holds("both are free", () -> gateway.metric("millrace_requests_in_flight") == 0);

        tokenizer.reset();
        assertThat(gateway.post(CHAT, BODY).status()).isEqualTo(200);
    }

    @Test
    void a_refused_request_leaves_its_permit_behind() {
        for (int i = 0; i < 5; i++) {
            assertThat(gateway.post(CHAT, "{").status()).isEqualTo(400);
        }
        assertThat(gateway.post(CHAT, BODY).status()).isEqualTo(200);
    }
}
