package dev.millrace.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.fake.FakeTokenizer;
import dev.millrace.gateway.fake.RawHttp;
import dev.millrace.gateway.fake.RunningGateway;
import dev.millrace.gateway.fake.RunningGateway.Reply;
import dev.millrace.gateway.fake.TestServers;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WireTest {
    private static final String CHAT = "/v1/chat/completions";

    private final RunningGateway gateway = TestServers.GATEWAY;

    @BeforeEach
    void reset() {
        TestServers.TOKENIZER.reset();
    }

    @Test
    void a_stream_is_chunked_uncached_and_ends_cleanly() throws IOException {
        try (Socket socket = gateway.connect()) {
            RawHttp.send(socket, RawHttp.post(CHAT, body(true)));
            String answer = RawHttp.read(socket, WireTest::streamEnded);

            assertThat(answer)
                    .startsWith("HTTP/1.1 200")
                    .containsIgnoringCase("content-type: text/event-stream")
                    .containsIgnoringCase("cache-control: no-cache")
                    .containsIgnoringCase("transfer-encoding: chunked")
                    .doesNotContainIgnoringCase("content-length")
                    .doesNotContainIgnoringCase("content-encoding");
        }
    }

    @Test
    void a_connection_serves_again_after_a_stream() throws IOException {
        try (Socket socket = gateway.connect()) {
            RawHttp.send(socket, RawHttp.post(CHAT, body(true)));
            RawHttp.read(socket, WireTest::streamEnded);
            RawHttp.send(socket, "GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n");

            assertThat(RawHttp.read(socket, text -> text.endsWith("]}"))).contains("\"object\":\"list\"");
        }
    }

    @Test
    void pipelined_requests_are_answered_in_order_however_they_are_cut() throws IOException {
        String first = RawHttp.post(CHAT, body(true));
        String second = RawHttp.post(CHAT, body(false));
        String third = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
        String fourth = RawHttp.post(CHAT, body(false), "Connection: close");
        String all = first + second + third + fourth;
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 100; round++) {
            try (Socket socket = gateway.connect()) {
                socket.setTcpNoDelay(true);
                for (int sent = 0; sent < all.length(); ) {
                    int end = Math.min(all.length(), sent + 1 + random.nextInt(all.length()));
                    RawHttp.send(socket, all.substring(sent, end));
                    sent = end;
                }
                String answers = RawHttp.read(socket, text -> false);

                assertThat(Pattern.compile("HTTP/1.1 200")
                                .matcher(answers)
                                .results()
                                .count())
                        .isEqualTo(4);
                assertThat(answers.indexOf("[DONE]")).isPositive().isLessThan(answers.indexOf("\"chat.completion\""));
            }
        }
    }

    @Test
    void a_request_may_come_in_small_pieces() throws IOException {
        try (Socket socket = gateway.connect()) {
            String request = RawHttp.post(CHAT, body(true));
            for (int i = 0; i < request.length(); i += 31) {
                RawHttp.send(socket, request.substring(i, Math.min(request.length(), i + 31)));
            }

            assertThat(RawHttp.read(socket, WireTest::streamEnded)).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void a_request_body_may_be_chunked() throws IOException {
        try (Socket socket = gateway.connect()) {
            String body = body(true);
            int half = body.length() / 2;
            RawHttp.send(
                    socket,
                    "POST " + CHAT + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n" + chunk(body.substring(0, half)));
            RawHttp.send(socket, chunk(body.substring(half)) + "0\r\n\r\n");

            assertThat(RawHttp.read(socket, WireTest::streamEnded)).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void a_client_that_asks_first_is_told_to_go_on() throws IOException {
        try (Socket socket = gateway.connect()) {
            String request = RawHttp.post(CHAT, body(true), "Expect: 100-continue");
            int bodyStart = request.indexOf("\r\n\r\n") + 4;
            RawHttp.send(socket, request.substring(0, bodyStart));
            assertThat(RawHttp.read(socket, text -> text.endsWith("\r\n\r\n"))).startsWith("HTTP/1.1 100");
            RawHttp.send(socket, request.substring(bodyStart));

            assertThat(RawHttp.read(socket, WireTest::streamEnded)).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void half_a_request_holds_up_nobody() throws IOException {
        try (Socket socket = gateway.connect()) {
            RawHttp.send(socket, RawHttp.post(CHAT, body(true)).substring(0, 100));

            assertThat(gateway.get("/health").status()).isEqualTo(200);
        }
    }

    @Test
    void head_is_get_without_a_body() {
        Reply reply = gateway.send(gateway.request("/health").method("HEAD", HttpRequest.BodyPublishers.noBody()));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.text()).isEmpty();
    }

    @Test
    void a_web_page_of_any_origin_may_call() throws IOException {
        try (Socket socket = gateway.connect()) {
            RawHttp.send(
                    socket,
                    "OPTIONS " + CHAT + " HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:3000\r\n"
                            + "Access-Control-Request-Method: POST\r\n"
                            + "Access-Control-Request-Headers: authorization,content-type\r\n\r\n");
            assertThat(RawHttp.read(socket, text -> text.endsWith("\r\n\r\n")))
                    .startsWith("HTTP/1.1 200")
                    .contains("Access-Control-Allow-Origin: *")
                    .contains("Access-Control-Allow-Headers: authorization, content-type");
        }
        try (Socket socket = gateway.connect()) {
            RawHttp.send(socket, RawHttp.post(CHAT, "{", "Origin: http://localhost:3000"));
            assertThat(RawHttp.read(socket, text -> text.endsWith("}}")))
                    .startsWith("HTTP/1.1 400")
                    .contains("Access-Control-Allow-Origin: *");
        }
    }

    private static String body(boolean streamed) {
        return "{\"model\":\"" + FakeTokenizer.MODEL + "\",\"max_tokens\":6,\"stream\":" + streamed
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    }

    private static boolean streamEnded(String answer) {
        return answer.contains("[DONE]") && answer.endsWith("\r\n0\r\n\r\n");
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }
}
