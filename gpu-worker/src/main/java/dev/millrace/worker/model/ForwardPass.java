package dev.millrace.worker.model;

import dev.millrace.worker.kernel.DeviceMemory;
import dev.millrace.worker.kernel.KvCache;
import dev.millrace.worker.kernel.Matrix;
import dev.millrace.worker.kernel.Operations;
import dev.millrace.worker.kernel.RopeTable;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepOutput;
import dev.millrace.worker.weights.LayerWeights;
import dev.millrace.worker.weights.ModelShape;
import dev.millrace.worker.weights.StageWeights;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The forward pass of a stage over the operations of any device.
final class ForwardPass implements StageModel {

    private final DeviceMemory memory;
    private final ModelShape shape;
    private final StageBuffers buffers;
    private final @Nullable Matrix embedding;
    private final LayerPass[] layers;
    private final @Nullable OutputHead head;
    private final Operations operations;

    ForwardPass(DeviceMemory memory, ModelConfiguration configuration, StageWeights weights) {
        this.memory = memory;
        shape = configuration.shape();
        embedding = weights.embedding();
        buffers = StageBuffers.allocate(memory, shape);
        RopeTable rope = memory.ropeTable(configuration.rope());
        KvCache cache = memory.kvCache(weights.layers().size(), shape.kvHeads(), shape.headSize());
        layers = new LayerPass[weights.layers().size()];
        for (int i = 0; i < layers.length; i++) {
            LayerWeights layer = weights.layers().get(i);
            layers[i] = new LayerPass(layer, buffers, cache, i, rope, configuration.epsilon());
        }
        head = weights.output() == null || weights.outputNorm() == null
                ? null
                : new OutputHead(memory, shape, weights.outputNorm(), weights.output(), configuration.epsilon());
        operations = memory.operations();
    }

    @Override
    public void forward(StepInput input, Activations activations) {
        operations.begin(input);
        MemorySegment rows = activations.rows(input.tokenCount());
        if (embedding == null) {
            operations.upload(rows, buffers.hidden());
        } else {
            operations.embed(embedding, buffers.hidden());
        }
        for (LayerPass layer : layers) {
            layer.run(operations);
        }
        if (head == null) {
            operations.download(buffers.hidden(), rows);
        } else if (input.sampleCount() > 0) {
            head.run(operations, buffers.hidden());
        }
    }

    @Override
    public void sample(StepInput input, StepOutput output) {
        output.begin(input.epoch(), input.step());
        lastStage().sample(operations, output);
    }

    /// The logits of the last step `[N, V] f32`.
    void downloadLogits(MemorySegment target) {
        operations.download(lastStage().logits(), target);
    }

    private OutputHead lastStage() {
        if (head == null) {
            throw new IllegalStateException("only the last stage has logits");
        }
        return head;
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
    public void close() {
        memory.close();
    }
}
