package dev.millrace.worker.model;

import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.DeviceThread;
import dev.millrace.worker.kernel.DeviceVector;
import dev.millrace.worker.kernel.KvCache;
import dev.millrace.worker.kernel.Matrix;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.RopeTable;
import dev.millrace.worker.kernel.RowSlots;
import dev.millrace.worker.kernel.Rows;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.RowSlot;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;
import dev.millrace.worker.weights.LayerWeights;
import dev.millrace.worker.weights.Linear;
import dev.millrace.worker.weights.ModelShape;
import dev.millrace.worker.weights.StageWeights;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The forward pass of a stage over the operations of any device.
final class ForwardPass implements StageModel {

    private final DeviceThread thread;
    private final DeviceMemory memory;
    private final ModelShape shape;
    private final StageBuffers buffers;
    private final @Nullable Matrix embedding;
    private final LayerPass[] layers;
    private final @Nullable OutputHead head;
    private final Operations operations;

    ForwardPass(DeviceThread thread, DeviceMemory memory, ModelConfiguration configuration, StageWeights weights) {
        this.thread = thread;
        this.memory = memory;
        shape = configuration.shape();
        embedding = weights.embedding();
        buffers = StageBuffers.allocate(memory, shape);
        RopeTable rope = memory.ropeTable(configuration.rope());
        KvCache cache = memory.kvCache(weights.layers().size(), shape.kvHeads(), shape.headSize());
        float epsilon = configuration.epsilon();
        LayerPass[] all = new LayerPass[weights.layers().size()];
        DeviceVector outputNorm = weights.outputNorm();
        Linear output = weights.output();
        boolean last = outputNorm != null && output != null;
        RowBuffers sampled = last ? RowBuffers.allocate(memory, shape, Rows.SAMPLES) : buffers.rows();
        for (int i = 0; i < all.length; i++) {
            LayerWeights layer = weights.layers().get(i);
            all[i] = new LayerPass(
                    new AttentionPass(layer, buffers, cache, i, rope, epsilon),
                    new FeedForwardPass(layer, i == all.length - 1 ? sampled : buffers.rows(), epsilon));
        }
        layers = last ? Arrays.copyOf(all, all.length - 1) : all;
        head = outputNorm == null || output == null
                ? null
                : new OutputHead(
                        all[all.length - 1],
                        buffers,
                        sampled,
                        outputNorm,
                        epsilon,
                        output,
                        memory.buffer(Rows.SAMPLES, shape.vocabulary()));
        operations = memory.operations();
    }

    @Override
    public DeviceThread thread() {
        return thread;
    }

    @Override
    public int depth() {
        return operations.depth();
    }

    @Override
    public Optional<RowSlots> rowSlots(int slots) {
        return memory.rowSlots(slots, shape.hidden());
    }

    @Override
    public boolean reaches(RowSlots slots) {
        return operations.reaches(slots);
    }

    @Override
    public void start(StepInput input, Activations activations) {
        start(input, activations, null, null);
    }

    @Override
    public void start(StepInput input, Activations activations, @Nullable RowSlot from, @Nullable RowSlot to) {
        if (embedding != null) {
            operations.begin(input);
            operations.embed(embedding, buffers.hidden());
        } else if (from != null) {
            operations.begin(input, from, buffers.hidden());
        } else {
            operations.begin(input, activations.rows(input.tokenCount()), buffers.hidden());
        }
        for (LayerPass layer : layers) {
            layer.run(operations);
        }
        if (head == null && to != null) {
            operations.end(buffers.hidden(), to);
        } else if (head == null) {
            operations.end(buffers.hidden());
        } else {
            head.run(operations, input.sampleCount() > 0);
            operations.end();
        }
    }

    @Override
    public boolean isOver() {
        return operations.isOver();
    }

    @Override
    public void finish(Activations activations) {
        operations.take(activations.rows(activations.maxTokens()));
    }

    @Override
    public void finish(StepOutput output) {
        operations.take(output);
    }

    @Override
    public void finish() {
        operations.take();
    }

    @Override
    public void drop() {
        operations.drop();
    }

    @Override
    public boolean isBroken() {
        return operations.isBroken();
    }

    /// The logits of the step started last `[N, V] f32`.
    void downloadLogits(MemorySegment target) {
        if (head == null) {
            throw new IllegalStateException("only the last stage has logits");
        }
        operations.download(head.logits(), target);
    }

    @Override
    public int hiddenSize() {
        return shape.hidden();
    }

    @Override
    public int vocabularySize() {
        return shape.vocabulary();
    }

    @Override
    public boolean takeReserved() {
        return memory.takeReserved();
    }

    @Override
    public boolean keepPacked() throws IOException {
        return memory.keepPacked();
    }

    @Override
    public void close() {
        memory.close();
    }
}
