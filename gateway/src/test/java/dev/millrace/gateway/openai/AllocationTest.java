package dev.millrace.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.millrace.gateway.fake.FakeTokenizer;
import dev.millrace.gateway.fake.RawHttp;
import dev.millrace.gateway.fake.RunningGateway;
import dev.millrace.proto.v1.GenerateEvent;
import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.proto.v1.GenerationDelta;
import dev.millrace.proto.v1.GenerationStarted;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// What a streamed token costs in memory, from the connection that it comes in on to the one that it leaves by, counted
/// by the JVM itself.
class AllocationTest {
    private static final int STREAMS = 8;
    private static final int WARM_UP_STEPS = 1500;
    private static final int STEPS = 500;

    /// A little above the 1 KiB of a warm process: here the compiler has not seen all that it will see.
    private static final long BOUND_BYTES = 1536;

    private final BlockingQueue<ServerCallStreamObserver<GenerateEvent>> calls = new LinkedBlockingQueue<>();

    @Test
    void a_streamed_token_costs_a_bounded_number_of_bytes() throws Exception {
        try (FakeTokenizer tokenizer = new FakeTokenizer(0);
                RunningGateway gateway = RunningGateway.start(tokenizer.address())) {
            tokenizer.script(this::begin);
            List<Socket> clients = new ArrayList<>();
            List<ServerCallStreamObserver<GenerateEvent>> answers = new ArrayList<>();
            for (int stream = 0; stream < STREAMS; stream++) {
                Socket client = gateway.connect();
                RawHttp.send(client, request());
                clients.add(client);
                answers.add(Objects.requireNonNull(calls.poll(30, TimeUnit.SECONDS)));
            }
            steps(WARM_UP_STEPS, answers, clients);
            long before = allocatedBytes();
            steps(STEPS, answers, clients);

            assertThat((allocatedBytes() - before) / (STEPS * STREAMS)).isBetween(1L, BOUND_BYTES);
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    private void begin(GenerateRequest request, ServerCallStreamObserver<GenerateEvent> events) {
        events.onNext(GenerateEvent.newBuilder()
                .setStarted(GenerationStarted.newBuilder().setPromptTokens(1))
                .build());
        events.setOnCancelHandler(() -> {});
        calls.add(events);
    }

    /// One token for each stream, and the next only when all have arrived: nothing shares a message or a write.
    private static void steps(int count, List<ServerCallStreamObserver<GenerateEvent>> answers, List<Socket> clients)
            throws Exception {
        byte[] chunk = new byte[8192];
        for (int step = 0; step < count; step++) {
            String word = " word" + step + ".";
            for (ServerCallStreamObserver<GenerateEvent> answer : answers) {
                answer.onNext(GenerateEvent.newBuilder()
                        .setDelta(GenerationDelta.newBuilder()
                                .setText(word)
                                .addTokenIds(100_000 + step)
                                .setFirstIndex(step))
                        .build());
            }
            for (Socket client : clients) {
                InputStream in = client.getInputStream();
                String seen = "";
                while (!seen.contains(word)) {
                    int length = in.read(chunk);
                    assertThat(length).isPositive();
                    seen += new String(chunk, 0, length, StandardCharsets.UTF_8);
                }
            }
        }
    }

    private static long allocatedBytes() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long bytes = 0;
        for (long id : threads.getAllThreadIds()) {
            ThreadInfo thread = threads.getThreadInfo(id);
            if (thread != null && thread.getThreadName().startsWith("gateway-")) {
                bytes += threads.getThreadAllocatedBytes(id);
            }
        }
        return bytes;
    }

    private static String request() {
        return RawHttp.post(
                "/v1/chat/completions",
                "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
    }
}
