package dev.millrace.worker.config;

import dev.millrace.proto.v1.ArrivalBatch;
import dev.millrace.proto.v1.FinishedSequence;
import dev.millrace.proto.v1.PipelineGrpc;
import dev.millrace.proto.v1.RefusedSequence;
import dev.millrace.proto.v1.SamplingParameters;
import dev.millrace.proto.v1.StepReport;
import dev.millrace.proto.v1.SubmittedSequence;
import dev.millrace.worker.grpc.transport.Transport;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// A tokenizer-service's stream to a pipeline, by hand.
final class TestPipeline implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 60;

    private final ManagedChannel channel;
    private final long epoch;
    private final Reports reports;
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private final Map<Long, Output> outputs = new ConcurrentHashMap<>();
    private long lastId;

    /// What came for one sequence.
    static final class Output {
        final List<Integer> ids = new ArrayList<>();
        final CompletableFuture<List<Integer>> finished = new CompletableFuture<>();
        final CompletableFuture<RefusedSequence> refused = new CompletableFuture<>();
        final CompletableFuture<Integer> firstToken = new CompletableFuture<>();

        List<Integer> await() throws InterruptedException {
            return get(finished);
        }
    }

    TestPipeline(String address, long epoch) {
        this(address, epoch, true);
    }

    /// A client that reads nothing before [#hear].
    static TestPipeline deaf(String address, long epoch) {
        return new TestPipeline(address, epoch, false);
    }

    private TestPipeline(String address, long epoch, boolean reads) {
        this.epoch = epoch;
        reports = new Reports(reads);
        channel = Transport.channel(address);
        PipelineGrpc.newStub(channel).open(reports);
    }

    static <T> T get(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    static SubmittedSequence.Builder greedy(List<Integer> prompt, int maxTokens) {
        return SubmittedSequence.newBuilder()
                .addAllTokenIds(prompt)
                .setMaxTokens(maxTokens)
                .addEndTokenIds(DemoModel.END_TOKEN)
                .setSampling(SamplingParameters.newBuilder().setTopP(1f).setRepeatPenalty(1f));
    }

    Output submit(SubmittedSequence.Builder sequence) {
        Output output = new Output();
        outputs.put(++lastId, output);
        send(ArrivalBatch.newBuilder().setEpoch(epoch).addSubmitted(sequence.setSequenceId(lastId)));
        return output;
    }

    /// Sends the batch again and again for as long as the worker takes it; one that does not for half a second is
    /// taken to have given up.
    void sendUntilStuck(ArrivalBatch.Builder batch) throws InterruptedException {
        for (int waits = 0; waits < 50 && !hasEnded(); waits++) {
            while (reports.call().isReady()) {
                send(batch);
                waits = 0;
            }
            Thread.sleep(10);
        }
    }

    void send(ArrivalBatch.Builder batch) {
        reports.call().onNext(batch.build());
    }

    void hear(int messages) {
        reports.call().request(messages);
    }

    boolean hasEnded() {
        return end.isDone();
    }

    void halfClose() {
        reports.call().onCompleted();
    }

    Status awaitEnd() throws InterruptedException {
        return get(end);
    }

    @Override
    public void close() {
        reports.call().cancel("the test is over", null);
        channel.shutdownNow();
    }

    private final class Reports implements ClientResponseObserver<ArrivalBatch, StepReport> {

        private final boolean reads;
        private @Nullable ClientCallStreamObserver<ArrivalBatch> call;

        Reports(boolean reads) {
            this.reads = reads;
        }

        ClientCallStreamObserver<ArrivalBatch> call() {
            if (call == null) {
                throw new IllegalStateException();
            }
            return call;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<ArrivalBatch> requestStream) {
            call = requestStream;
            if (!reads) {
                requestStream.disableAutoRequestWithInitial(0);
            }
        }

        @Override
        public void onNext(StepReport report) {
            for (int i = 0; i < report.getTokenIdsCount(); i++) {
                Output output = output(report.getTokenSequenceIds(i));
                if (report.getTokenIndexes(i) != output.ids.size()) {
                    end.completeExceptionally(new IllegalStateException("a token is missing"));
                }
                output.ids.add(report.getTokenIds(i));
                output.firstToken.complete(report.getTokenIds(i));
            }
            for (RefusedSequence refused : report.getRefusedList()) {
                output(refused.getSequenceId()).refused.complete(refused);
            }
            for (FinishedSequence finished : report.getFinishedList()) {
                Output output = output(finished.getSequenceId());
                output.finished.complete(List.copyOf(output.ids));
            }
        }

        private Output output(long id) {
            return outputs.getOrDefault(id, new Output());
        }

        @Override
        public void onError(Throwable error) {
            end.complete(Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }
    }
}
