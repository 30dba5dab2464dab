package dev.millrace.tokenizer.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.millrace.proto.v1.GenerateEvent;
import dev.millrace.proto.v1.GenerateRequest;
import dev.millrace.proto.v1.GenerationGrpc;
import dev.millrace.proto.v1.GetStatusRequest;
import dev.millrace.proto.v1.SubmittedSequence;
import dev.millrace.tokenizer.TokenizerServiceApplication;
import dev.millrace.tokenizer.model.ServedModel;
import dev.millrace.tokenizer.support.DemoModel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/// What a streamed token costs in memory, from the report that it comes in to the event that it leaves by, counted by
/// the JVM itself.
class AllocationTest {
    private static final int STREAMS = 8;
    private static final int WARM_UP_STEPS = 600;
    private static final int STEPS = 250;

    /// A little above the 1 KiB of a warm process: here the compiler has not seen all that it will see.
    private static final long BOUND_BYTES = 1536;

    private final Semaphore deltas = new Semaphore(0);

    @Test
    void a_streamed_token_costs_a_bounded_number_of_bytes() throws Exception {
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(TokenizerServiceApplication.class)
                .run(
                        "--millrace.model=" + DemoModel.path(),
                        "--millrace.stages=1",
                        "--millrace.grpc.port=0",
                        "--millrace.drain=0s")) {
            ServedModel model = context.getBean(ServedModel.class);
            int port = context.getBean(GrpcServerLifecycle.class).getPort();
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                    .usePlaintext()
                    .build();
            int[] word = model.text().encode("word", false, false);
            try (EchoWorker worker = new EchoWorker("w", port, model.digest(), word, 0)) {
                List<SubmittedSequence> sequences = begin(channel, worker);
                steps(0, WARM_UP_STEPS, worker, sequences, word[0]);
                long before = allocatedBytes();
                steps(WARM_UP_STEPS, STEPS, worker, sequences, word[0]);

                assertThat((allocatedBytes() - before) / (STEPS * STREAMS)).isBetween(1L, BOUND_BYTES);
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private List<SubmittedSequence> begin(ManagedChannel channel, EchoWorker worker) throws Exception {
        GenerationGrpc.GenerationBlockingV2Stub blocking =
                GenerationGrpc.newBlockingV2Stub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
        while (!blocking.getStatus(GetStatusRequest.getDefaultInstance()).getReady()) {
            Thread.sleep(20);
        }
        List<SubmittedSequence> sequences = new ArrayList<>();
        for (int stream = 0; stream < STREAMS; stream++) {
            GenerationGrpc.newStub(channel)
                    .generate(
                            GenerateRequest.newBuilder()
                                    .setModel("millrace-guide-q8_0")
                                    .setText("What is it?")
                                    .setChoices(1)
                                    .build(),
                            new Counting());
            sequences.add(worker.nextSubmitted());
        }
        return sequences;
    }

    /// One token for each stream, and the next only when all have arrived: no two tokens of a stream share a message.
    private void steps(int first, int count, EchoWorker worker, List<SubmittedSequence> sequences, int token)
            throws InterruptedException {
        for (int index = first; index < first + count; index++) {
            worker.give(sequences, index, token);
            assertThat(deltas.tryAcquire(STREAMS, 30, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static long allocatedBytes() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long bytes = 0;
        for (long id : threads.getAllThreadIds()) {
            ThreadInfo thread = threads.getThreadInfo(id);
            if (thread != null && thread.getThreadName().startsWith("service-loop")) {
                bytes += threads.getThreadAllocatedBytes(id);
            }
        }
        return bytes;
    }

    private final class Counting implements StreamObserver<GenerateEvent> {
        @Override
        public void onNext(GenerateEvent event) {
            if (event.hasDelta()) {
                deltas.release();
            }
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }
}
