package dev.millrace.tokenizer.config;

import dev.millrace.proto.v1.ArrivalBatch;
import dev.millrace.proto.v1.FinishReason;
import dev.millrace.proto.v1.FinishedSequence;
import dev.millrace.proto.v1.PipelineGrpc;
import dev.millrace.proto.v1.PlacementGrpc;
import dev.millrace.proto.v1.StageOrder;
import dev.millrace.proto.v1.StagePhase;
import dev.millrace.proto.v1.StageState;
import dev.millrace.proto.v1.StepReport;
import dev.millrace.proto.v1.SubmittedSequence;
import dev.millrace.proto.v1.WorkerHello;
import dev.millrace.proto.v1.WorkerReport;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A worker over real connections that holds a whole pipeline and gives every sequence the same answer.
final class EchoWorker extends PipelineGrpc.PipelineImplBase implements AutoCloseable {
    private final int[] answer;
    private final int pauseAfter;
    private final Server server;
    private final ManagedChannel service;
    private final StreamObserver<WorkerReport> reports;
    private final BlockingQueue<SubmittedSequence> submitted = new LinkedBlockingQueue<>();
    private volatile @Nullable StreamObserver<StepReport> pipeline;
    private volatile long epoch;

    /// Gives the first `pauseAfter` tokens of `answer` and then waits for ever, unless that is all of it.
    EchoWorker(String id, int servicePort, String digest, int[] answer, int pauseAfter) throws IOException {
        this.answer = answer;
        this.pauseAfter = pauseAfter;
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(this)
                .build()
                .start();
        service = NettyChannelBuilder.forAddress("127.0.0.1", servicePort)
                .usePlaintext()
                .build();
        reports = PlacementGrpc.newStub(service).register(new Orders());
        reports.onNext(WorkerReport.newBuilder()
                .setHello(WorkerHello.newBuilder()
                        .setProtocolVersion(1)
                        .setWorkerId(id)
                        .setAddress("127.0.0.1:" + server.getPort())
                        .setModelDigest(digest))
                .build());
    }

    /// The next sequence that is no canary.
    SubmittedSequence nextSubmitted() throws InterruptedException {
        SubmittedSequence sequence = submitted.poll(30, TimeUnit.SECONDS);
        if (sequence == null) {
            throw new AssertionError("no sequence came");
        }
        return sequence;
    }

    /// Gives each of the sequences one more token, in one report.
    void give(List<SubmittedSequence> sequences, int index, int token) {
        StepReport.Builder report = StepReport.newBuilder().setEpoch(epoch);
        for (SubmittedSequence sequence : sequences) {
            report.addTokenSequenceIds(sequence.getSequenceId())
                    .addTokenIndexes(index)
                    .addTokenIds(token);
        }
        Objects.requireNonNull(pipeline).onNext(report.build());
    }

    @Override
    public StreamObserver<ArrivalBatch> open(StreamObserver<StepReport> responses) {
        return new StreamObserver<>() {
            @Override
            public void onNext(ArrivalBatch batch) {
                pipeline = responses;
                epoch = batch.getEpoch();
                for (SubmittedSequence sequence : batch.getSubmittedList()) {
                    responses.onNext(answer(batch.getEpoch(), sequence));
                    if (sequence.getMaxTokens() > 1) {
                        submitted.add(sequence);
                    }
                }
            }

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {}
        };
    }

    /// Dies: both its streams break.
    @Override
    public void close() {
        service.shutdownNow();
        server.shutdownNow();
    }

    private StepReport answer(long epoch, SubmittedSequence sequence) {
        long id = sequence.getSequenceId();
        StepReport.Builder report = StepReport.newBuilder().setEpoch(epoch).addAccepted(id);
        int end = Math.min(sequence.getMaxTokens(), answer.length);
        int last = sequence.getMaxTokens() == 1 ? 1 : Math.min(end, pauseAfter);
        for (int index = sequence.getGeneratedCount(); index < last; index++) {
            report.addTokenSequenceIds(id).addTokenIndexes(index).addTokenIds(answer[index]);
        }
        if (last == end) {
            report.addFinished(FinishedSequence.newBuilder()
                    .setSequenceId(id)
                    .setReason(
                            end == answer.length
                                    ? FinishReason.FINISH_REASON_STOP
                                    : FinishReason.FINISH_REASON_LENGTH));
        }
        return report.build();
    }

    /// Takes every stage at once.
    private final class Orders implements StreamObserver<StageOrder> {
        @Override
        public void onNext(StageOrder order) {
            if (order.hasAssign()) {
                reports.onNext(WorkerReport.newBuilder()
                        .setState(StageState.newBuilder()
                                .setEpoch(order.getAssign().getEpoch())
                                .setPhase(StagePhase.STAGE_PHASE_READY))
                        .build());
            }
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }
}
