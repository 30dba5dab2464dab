package dev.millrace.worker.config;

import dev.millrace.proto.v1.ArrivalBatch;
import dev.millrace.proto.v1.PipelineGrpc;
import dev.millrace.proto.v1.SamplingParameters;
import dev.millrace.proto.v1.StepReport;
import dev.millrace.proto.v1.SubmittedSequence;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/// A tokenizer-service that keeps sequences decoding: one that ends is followed by a new one. Its network thread is its
/// own, so that what it allocates can be told from what the worker does.
final class DecodingClient implements AutoCloseable {

    static final int SEQUENCE_TOKENS = 300;
    private static final int PROMPT_TOKENS = 20;

    private final EventLoopGroup network = new MultiThreadIoEventLoopGroup(
            1, Thread.ofPlatform().daemon().name("decoding-client").factory(), NioIoHandler.newFactory());
    private final ManagedChannel channel;
    private final long epoch;
    private final StreamObserver<ArrivalBatch> arrivals;
    final AtomicLong tokens = new AtomicLong();
    final AtomicLong reports = new AtomicLong();
    final CompletableFuture<Throwable> end = new CompletableFuture<>();
    private long lastId;

    DecodingClient(String address, long epoch, int sequences) {
        this.epoch = epoch;
        channel = NettyChannelBuilder.forTarget(address)
                .usePlaintext()
                .directExecutor()
                .eventLoopGroup(network)
                .channelType(NioSocketChannel.class)
                .build();
        arrivals = PipelineGrpc.newStub(channel).open(new Reports());
        for (int i = 0; i < sequences; i++) {
            submit();
        }
    }

    private synchronized void submit() {
        lastId++;
        SubmittedSequence.Builder sequence = SubmittedSequence.newBuilder()
                .setSequenceId(lastId)
                .setMaxTokens(SEQUENCE_TOKENS)
                .setSampling(SamplingParameters.newBuilder().setTopP(1f).setRepeatPenalty(1f));
        for (int i = 0; i < PROMPT_TOKENS; i++) {
            sequence.addTokenIds((int) (lastId * 7 + i) % 256);
        }
        arrivals.onNext(
                ArrivalBatch.newBuilder().setEpoch(epoch).addSubmitted(sequence).build());
    }

    @Override
    public void close() {
        channel.shutdownNow();
        network.shutdownGracefully();
    }

    private final class Reports implements StreamObserver<StepReport> {

        @Override
        public void onNext(StepReport report) {
            tokens.addAndGet(report.getTokenIdsCount());
            reports.incrementAndGet();
            for (int i = 0; i < report.getFinishedCount(); i++) {
                submit();
            }
        }

        @Override
        public void onError(Throwable error) {
            end.complete(error);
        }

        @Override
        public void onCompleted() {
            end.complete(new IllegalStateException("the worker ended the stream"));
        }
    }
}
