package dev.millrace.tokenizer.placement;

import dev.millrace.proto.v1.AssignStage;
import dev.millrace.proto.v1.ReleaseStage;
import dev.millrace.proto.v1.StageOrder;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;

/// The stages of one epoch and who holds them; used on the service loop only.
final class Placed {
    private final long epoch;
    private final PipelineShape shape;
    private final List<Worker> workers;
    private final BitSet ready = new BitSet();

    Placed(long epoch, PipelineShape shape, List<Worker> workers) {
        this.epoch = epoch;
        this.shape = shape;
        this.workers = List.copyOf(workers);
    }

    long epoch() {
        return epoch;
    }

    List<Worker> workers() {
        return workers;
    }

    /// The worker's stage, or -1 when it holds none.
    int stageOf(Worker worker) {
        return workers.indexOf(worker);
    }

    LayerSpan span(int stage) {
        return shape.spans().get(stage);
    }

    String firstAddress() {
        return workers.getFirst().address();
    }

    /// Notes that a stage is ready; true when it was the last one missing.
    boolean ready(int stage) {
        boolean news = !ready.get(stage);
        ready.set(stage);
        return news && ready.cardinality() == workers.size();
    }

    boolean isReady() {
        return ready.cardinality() == workers.size();
    }

    /// How far the stages are, in a sentence.
    String progress() {
        String waiting = workers.stream()
                .filter(worker ->
                        !ready.get(stageOf(worker)) && !worker.progress().isEmpty())
                .map(worker -> "; " + worker.id() + ": " + worker.progress())
                .collect(Collectors.joining());
        return ready.cardinality() + " of " + workers.size() + " stages are ready" + waiting + ".";
    }

    void order() {
        for (int stage = 0; stage < workers.size(); stage++) {
            Worker worker = workers.get(stage);
            worker.assigned(stage);
            worker.progress("");
            worker.send(StageOrder.newBuilder().setAssign(assignment(stage)).build());
        }
    }

    void release() {
        StageOrder order = StageOrder.newBuilder()
                .setRelease(ReleaseStage.newBuilder().setEpoch(epoch))
                .build();
        workers.forEach(worker -> worker.send(order));
    }

    private AssignStage assignment(int stage) {
        LayerSpan span = span(stage);
        boolean last = stage == workers.size() - 1;
        return AssignStage.newBuilder()
                .setEpoch(epoch)
                .setStage(stage)
                .setStageCount(workers.size())
                .setFirstLayer(span.first())
                .setLayerCount(span.count())
                .setNextAddress(last ? "" : workers.get(stage + 1).address())
                .setFirstAddress(firstAddress())
                .setContextLength(shape.contextLength())
                .setMaxSequences(shape.parallel())
                .setKvBlocks(shape.kvBlocks())
                .setBatchTokens(shape.batchTokens())
                .setMaxWaiting(shape.maxWaiting())
                .setPrefixCache(shape.prefixCache())
                .setPrefillChunkTokens(shape.prefillChunkTokens())
                .setKvType(shape.kvType())
                .build();
    }
}
