package dev.millrace.tokenizer.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.GenerateEvent;
import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.proto.v1.GenerationGrpc;
import dev.millrace.proto.v1.GenerationGrpc.GenerationBlockingV2Stub;
import dev.millrace.proto.v1.GetStatusRequest;
import dev.millrace.tokenizer.TokenizerServiceApplication;
import dev.millrace.tokenizer.model.ServedModel;
import dev.millrace.tokenizer.support.DemoModel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/// The whole service over real connections, with the demo model and workers of the test's own.
class ApplicationTest {
    private static final String ANSWER = "A wörd or two, then an end.";

    private ConfigurableApplicationContext context;
    private ServedModel model;
    private int port;
    private int[] answer;
    private ManagedChannel channel;
    private GenerationBlockingV2Stub service;

    @BeforeEach
    void start() {
        context = new SpringApplicationBuilder(TokenizerServiceApplication.class)
                .run(
                        "--millrace.model=" + DemoModel.path(),
                        "--millrace.stages=1",
                        "--millrace.grpc.port=0",
                        "--millrace.drain=0s");
        model = context.getBean(ServedModel.class);
        port = context.getBean(GrpcServerLifecycle.class).getPort();
        int[] text = model.text().encode(ANSWER, false, false);
        answer = Arrays.copyOf(text, text.length + 1);
        answer[text.length] = model.text().endTokenIds().iterator().next();
        channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        service = GenerationGrpc.newBlockingV2Stub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        context.close();
    }

    private EchoWorker worker(String id, int pauseAfter) throws Exception {
        return new EchoWorker(id, port, model.digest(), answer, pauseAfter);
    }

    private void awaitReady() throws Exception {
        while (!service.getStatus(GetStatusRequest.getDefaultInstance()).getReady()) {
            Thread.sleep(20);
        }
    }

    private GenerateRequest request() {
        return GenerateRequest.newBuilder()
                .setModel("millrace-guide-q8_0")
                .setText("What is it?")
                .setChoices(1)
                .build();
    }

    private static String text(List<GenerateEvent> events) {
        StringBuilder text = new StringBuilder();
        events.forEach(event -> text.append(event.getDelta().getText()));
        return text.toString();
    }

    @Test
    void a_request_is_answered_once_a_worker_is_there() throws Exception {
        Throwable early = catchThrowable(() -> service.generate(request()).read());
        assertThat(((StatusException) early).getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(service.getStatus(GetStatusRequest.getDefaultInstance()).getReason())
                .isEqualTo("0 of 1 workers are registered.");

        try (EchoWorker worker = worker("w", Integer.MAX_VALUE)) {
            awaitReady();
            List<GenerateEvent> events = new ArrayList<>();
            var stream = service.generate(request());
            for (GenerateEvent event = stream.read(); event != null; event = stream.read()) {
                events.add(event);
            }

            assertThat(worker.nextSubmitted().getMaxTokens()).isGreaterThan(900);
            assertThat(events.getFirst().hasStarted()).isTrue();
            assertThat(text(events)).isEqualTo(ANSWER);
            assertThat(events.getLast().getFinished().getReason()).isEqualTo(FinishReason.FINISH_REASON_STOP);
            assertThat(events.getLast().getFinished().getCompletionTokens()).isEqualTo(answer.length);
        }
    }

    @Test
    void a_request_outlives_its_worker() throws Exception {
        EchoWorker first = worker("first", 4);
        awaitReady();
        var stream = service.generate(request());
        first.nextSubmitted();
        List<GenerateEvent> events = new ArrayList<>();
        events.add(stream.read());
        events.add(stream.read());
        try (EchoWorker spare = worker("spare", Integer.MAX_VALUE)) {
            first.close();
            assertThat(spare.nextSubmitted().getGeneratedCount()).isEqualTo(4);
            for (GenerateEvent event = stream.read(); event != null; event = stream.read()) {
                events.add(event);
            }
        }

        assertThat(text(events)).isEqualTo(ANSWER);
        assertThat(events.getLast().getFinished().getCompletionTokens()).isEqualTo(answer.length);
    }
}
