package dev.millrace.worker.config;

import dev.millrace.proto.v1.ArrivalBatch;
import dev.millrace.proto.v1.PipelineGrpc;
import dev.millrace.proto.v1.SamplingParameters;
import dev.millrace.proto.v1.StepReport;
import dev.millrace.proto.v1.SubmittedSequence;
import dev.millrace.worker.grpc.transport.Transport;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A short life of workers in one process that runs what a worker's life runs, so that a JVM which records what it
/// loads (for an AOT cache) has seen it: registration, stages and their links, a few steps, metrics.
final class TrainingRun {

    private static final int PROMPT_TOKENS = 24;
    private static final int OUTPUT_TOKENS = 8;
    private static final int MAX_MESSAGE_BYTES = 1 << 20;
    private static final long DEADLINE_SECONDS = 60;

    private TrainingRun() {}

    /// Runs with the model of `settings`.
    ///
    /// @throws StartException when it does not get through
    static void run(WorkerSettings settings) throws StartException, InterruptedException {
        TrainingPlacement placement = new TrainingPlacement();
        List<Worker> workers = new ArrayList<>();
        try {
            Server server = Transport.server(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), MAX_MESSAGE_BYTES)
                    .addService(placement)
                    .build()
                    .start();
            try {
                Worker first = Worker.start(at(server, settings, "first"));
                workers.add(first);
                int layers = first.model().layers();
                if (layers > 1) {
                    workers.add(Worker.start(at(server, settings, "last")));
                }
                String pipeline = placement.order(workers.size(), layers).get(DEADLINE_SECONDS, TimeUnit.SECONDS);
                generate(pipeline, placement.epoch()).get(DEADLINE_SECONDS, TimeUnit.SECONDS);
                readMetrics(first);
                CudaClasses.load();
            } finally {
                workers.forEach(Worker::close);
                server.shutdownNow();
            }
        } catch (IOException | ExecutionException | TimeoutException e) {
            throw new StartException("the training run did not get through: " + e);
        }
    }

    private static WorkerSettings at(Server placement, WorkerSettings settings, String id) {
        return new WorkerSettings(
                settings.model(),
                "127.0.0.1:" + placement.getPort(),
                "127.0.0.1",
                "",
                0,
                0,
                id,
                settings.device(),
                settings.memoryLimitBytes(),
                WeightCache.OFF);
    }

    /// Generates a few tokens, with every kind of sampling, and ends with their report.
    private static CompletableFuture<StepReport> generate(String address, long epoch) {
        CompletableFuture<StepReport> finished = new CompletableFuture<>();
        ManagedChannel channel = Transport.channel(address);
        var ignored = finished.whenComplete((report, error) -> channel.shutdownNow());
        StreamObserver<ArrivalBatch> batches = PipelineGrpc.newStub(channel).open(new StreamObserver<>() {
            @Override
            public void onNext(StepReport report) {
                if (report.getFinishedCount() > 0) {
                    finished.complete(report);
                }
            }

            @Override
            public void onError(Throwable error) {
                finished.completeExceptionally(error);
            }

            @Override
            public void onCompleted() {
                finished.completeExceptionally(new IOException("the pipeline ended"));
            }
        });
        SubmittedSequence.Builder sequence = SubmittedSequence.newBuilder()
                .setSequenceId(1)
                .setMaxTokens(OUTPUT_TOKENS)
                .setSampling(SamplingParameters.newBuilder()
                        .setTemperature(0.8f)
                        .setTopP(0.9f)
                        .setTopK(40)
                        .setMinP(0.01f)
                        .setSeed(1)
                        .setPresencePenalty(0.1f)
                        .setFrequencyPenalty(0.1f)
                        .setRepeatPenalty(1.1f)
                        .putLogitBias(0, -1f)
                        .setLogprobs(true)
                        .setTopLogprobs(2));
        for (int id = 0; id < PROMPT_TOKENS; id++) {
            sequence.addTokenIds(id);
        }
        batches.onNext(ArrivalBatch.newBuilder()
                .setEpoch(epoch)
                .addSubmitted(sequence)
                .addCancelled(2)
                .build());
        return finished;
    }

    private static void readMetrics(Worker worker) throws IOException {
        URI metrics = URI.create("http://127.0.0.1:" + worker.metricsPort() + "/metrics");
        try (InputStream body = metrics.toURL().openStream()) {
            body.readAllBytes();
        }
    }
}
