package dev.millrace.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.fake.Eventually;
import dev.millrace.gateway.fake.FakeTokenizer;
import dev.millrace.gateway.fake.RawHttp;
import dev.millrace.gateway.fake.RunningGateway;
import dev.millrace.gateway.fake.TestServers;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A client that goes away frees what it held, at whatever point it goes.
class DepartureTest {
    private static final String IN_FLIGHT = "millrace_requests_in_flight";

    private final RunningGateway gateway = TestServers.GATEWAY;
    private final FakeTokenizer tokenizer = TestServers.TOKENIZER;

    @BeforeEach
    void reset() {
        tokenizer.reset();
    }

    @AfterEach
    void everything_is_free_again() throws InterruptedException {
        Eventually.holds("no call is open", () -> tokenizer.open() == 0);
        Eventually.holds("no permit is held", () -> gateway.metric(IN_FLIGHT) == 0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void in_the_queue(boolean streamed) throws Exception {
        tokenizer.script((request, events) -> {});
        try (Socket socket = gateway.connect()) {
            RawHttp.send(socket, request(streamed));
            Eventually.holds("the call is open", () -> tokenizer.open() == 1);
            assertThat(gateway.metric(IN_FLIGHT)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void in_prefill(boolean streamed) throws Exception {
        tokenizer.script((request, events) ->
                events.onNext(FakeTokenizer.eventsOf(request, 3).getFirst()));
        try (Socket socket = gateway.connect()) {
            RawHttp.send(socket, request(streamed));
            Eventually.holds("the call is open", () -> tokenizer.open() == 1);
            if (streamed) {
                RawHttp.read(socket, text -> text.contains("assistant"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void in_decode(boolean streamed) throws Exception {
        tokenizer.script((request, events) ->
                FakeTokenizer.eventsOf(request, 3).stream().limit(20).forEach(events::onNext));
        try (Socket socket = gateway.connect()) {
            RawHttp.send(socket, request(streamed));
            Eventually.holds("the call is open", () -> tokenizer.open() == 1);
            if (streamed) {
                RawHttp.read(
                        socket,
                        text -> text.lines()
                                        .filter(line -> line.startsWith("data:"))
                                        .count()
                                >= 20);
            }
        }
    }

    @Test
    void while_its_body_is_half_sent() throws Exception {
        try (Socket socket = gateway.connect()) {
            String request = request(true);
            RawHttp.send(socket, request.substring(0, request.length() - 5));
            Eventually.holds("the permit is held", () -> gateway.metric(IN_FLIGHT) == 1);
        }
        assertThat(tokenizer.calls()).isZero();
    }

    @Test
    void behind_a_pipelined_request() throws Exception {
        tokenizer.script((request, events) -> {});
        try (Socket socket = gateway.connect()) {
            RawHttp.send(socket, request(true) + request(true));
            Eventually.holds("the call is open", () -> tokenizer.open() == 1);
        }
    }

    @Test
    void at_random_moments_many_at_once() throws Exception {
        SplittableRandom random = new SplittableRandom(42);
        for (int round = 0; round < 10; round++) {
            List<Socket> clients = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                Socket socket = gateway.connect();
                clients.add(socket);
                RawHttp.send(socket, request(random.nextBoolean()));
                if (random.nextInt(3) == 0) {
                    socket.close();
                }
            }
            Thread.sleep(random.nextInt(20));
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    private static String request(boolean streamed) {
        return RawHttp.post(
                "/v1/chat/completions",
                "{\"model\":\"" + FakeTokenizer.MODEL + "\",\"max_tokens\":3000,\"stream\":" + streamed
                        + ",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
    }
}
