package dev.millrace.worker.config;

import dev.millrace.proto.v1.AssignStage;
import dev.millrace.proto.v1.PlacementGrpc;
import dev.millrace.proto.v1.StageOrder;
import dev.millrace.proto.v1.StagePhase;
import dev.millrace.proto.v1.StageState;
import dev.millrace.proto.v1.WorkerReport;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Just enough of a tokenizer-service to order one pipeline over the workers of a training run.
final class TrainingPlacement extends PlacementGrpc.PlacementImplBase {

    private static final long EPOCH = 1;
    private static final int CONTEXT_TOKENS = 64;
    private static final int KV_BLOCKS = 8;

    private final List<Registered> workers = new ArrayList<>();
    private final CompletableFuture<String> formed = new CompletableFuture<>();
    private int wantedWorkers;
    private int layers;
    private int readyStages;

    private record Registered(String address, StreamObserver<StageOrder> orders) {}

    long epoch() {
        return EPOCH;
    }

    /// Orders a pipeline as soon as that many workers are there.
    ///
    /// @return the address of its first stage, when all stages are ready
    synchronized CompletableFuture<String> order(int workerCount, int layerCount) {
        wantedWorkers = workerCount;
        layers = layerCount;
        orderWhenComplete();
        return formed;
    }

    private void orderWhenComplete() {
        if (wantedWorkers == 0 || workers.size() < wantedWorkers) {
            return;
        }
        int firstLayer = 0;
        for (int stage = 0; stage < wantedWorkers; stage++) {
            int layerCount = (layers - firstLayer) / (wantedWorkers - stage);
            boolean last = stage == wantedWorkers - 1;
            workers.get(stage)
                    .orders()
                    .onNext(StageOrder.newBuilder()
                            .setAssign(AssignStage.newBuilder()
                                    .setEpoch(EPOCH)
                                    .setStage(stage)
                                    .setStageCount(wantedWorkers)
                                    .setFirstLayer(firstLayer)
                                    .setLayerCount(layerCount)
                                    .setNextAddress(
                                            last ? "" : workers.get(stage + 1).address())
                                    .setFirstAddress(workers.getFirst().address())
                                    .setContextLength(CONTEXT_TOKENS)
                                    .setMaxSequences(1)
                                    .setKvBlocks(KV_BLOCKS)
                                    .setBatchTokens(CONTEXT_TOKENS)
                                    .setMaxWaiting(1)
                                    .setPrefixCache(true)
                                    .setPrefillChunkTokens(CONTEXT_TOKENS))
                            .build());
            firstLayer += layerCount;
        }
    }

    private synchronized void reported(WorkerReport report, StreamObserver<StageOrder> orders) {
        switch (report.getReportCase()) {
            case HELLO -> {
                workers.add(new Registered(report.getHello().getAddress(), orders));
                orderWhenComplete();
            }
            case STATE -> changed(report.getState());
            default -> {
                // Figures are of no interest here.
            }
        }
    }

    private void changed(StageState state) {
        StagePhase phase = state.getPhase();
        if (phase == StagePhase.STAGE_PHASE_READY && ++readyStages == wantedWorkers) {
            formed.complete(workers.getFirst().address());
        } else if (phase == StagePhase.STAGE_PHASE_FAILED || phase == StagePhase.STAGE_PHASE_LINK_LOST) {
            formed.completeExceptionally(new IOException(state.getMessage()));
        }
    }

    @Override
    public StreamObserver<WorkerReport> register(StreamObserver<StageOrder> orders) {
        return new StreamObserver<>() {
            @Override
            public void onNext(WorkerReport report) {
                reported(report, orders);
            }

            @Override
            public void onError(Throwable error) {
                formed.completeExceptionally(error);
            }

            @Override
            public void onCompleted() {
                orders.onCompleted();
            }
        };
    }
}
