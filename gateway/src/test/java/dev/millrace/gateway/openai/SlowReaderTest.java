package dev.millrace.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.gateway.fake.Eventually;
import dev.millrace.gateway.fake.FakeTokenizer;
import dev.millrace.gateway.fake.RawHttp;
import dev.millrace.gateway.fake.RunningGateway;
import dev.millrace.proto.v1.GenerateEvent;
import dev.millrace.proto.v1.GenerationDelta;
import dev.millrace.proto.v1.GenerationStarted;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SlowReaderTest {
    private static final int TEXT_BYTES = 4096;
    private static final long BOUND_BYTES = 8L << 20;

    private final AtomicLong sentBytes = new AtomicLong();
    private FakeTokenizer tokenizer;
    private RunningGateway gateway;

    @BeforeEach
    void start() throws IOException {
        tokenizer = new FakeTokenizer(0);
        gateway = RunningGateway.start(tokenizer.address(), "millrace.stall-timeout=2s");
        tokenizer.script((request, events) -> {
            events.onNext(GenerateEvent.newBuilder()
                    .setStarted(GenerationStarted.newBuilder().setPromptTokens(1))
                    .build());
            GenerateEvent delta = GenerateEvent.newBuilder()
                    .setDelta(GenerationDelta.newBuilder().setText("x".repeat(TEXT_BYTES)))
                    .build();
            events.setOnReadyHandler(() -> {
                while (events.isReady() && !events.isCancelled()) {
                    events.onNext(delta);
                    sentBytes.addAndGet(TEXT_BYTES);
                }
            });
        });
    }

    @AfterEach
    void stop() {
        gateway.close();
        tokenizer.close();
    }

    @Test
    void one_that_stops_reading_is_bounded_and_then_cut_off() throws Exception {
        try (Socket socket = openAndStall()) {
            Eventually.holds("the stream is cut off", () -> tokenizer.open() == 0);

            assertThat(sentBytes).hasValueLessThan(BOUND_BYTES);
            assertThat(socket.isConnected()).isTrue();
        }
    }

    @Test
    void one_that_stops_reading_holds_up_nobody() throws Exception {
        try (Socket socket = openAndStall()) {
            long before = sentBytes.get();
            try (Socket other = gateway.connect()) {
                RawHttp.send(other, request());
                RawHttp.read(other, text -> text.length() > 1 << 20);
            }

            assertThat(sentBytes.get() - before).isGreaterThan(1 << 20);
            assertThat(socket.isConnected()).isTrue();
        }
    }

    private Socket openAndStall() throws Exception {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.port()));
        RawHttp.send(socket, request());
        Eventually.holds("the call is open", () -> tokenizer.open() == 1);
        long before = -1;
        while (before != sentBytes.get()) {
            before = sentBytes.get();
            Thread.sleep(200);
        }
        return socket;
    }

    private static String request() {
        return RawHttp.post(
                "/v1/chat/completions",
                "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
    }
}
