package dev.millrace.worker.model;

import dev.millrace.gguf.GgufFile;
import dev.millrace.worker.kernel.Device;
import dev.millrace.worker.kernel.DeviceThread;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.KvType;
import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepInputBuilder;
import dev.millrace.worker.step.StepLimits;
import dev.millrace.worker.step.StepOutput;
import dev.millrace.worker.weights.LayerSpan;
import dev.millrace.worker.weights.LoadProgress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Stages of one model in a row within the test, with what an engine would keep: sequences and their blocks.
final class Pipeline implements AutoCloseable {

    private final DeviceThread thread;
    private final List<StageModel> stages = new ArrayList<>();
    private final StepLimits limits;
    private final StepInput step = new StepInput(64);
    private final StepInputBuilder builder = new StepInputBuilder();
    private final StepOutput output;
    private final Activations activations;
    private final MemorySegment logits;
    private int nextBlock;

    /// A sequence: its tokens, and how many of them have their KV in the cache.
    static final class Sequence {
        int[] tokens;
        final int[] blocks;
        int done;
        /// The logits of the last step in which its last token took part.
        float[] logits = {};

        private Sequence(int[] tokens, int[] blocks) {
            this.tokens = tokens;
            this.blocks = blocks;
        }

        void append(int token) {
            tokens = Arrays.copyOf(tokens, tokens.length + 1);
            tokens[tokens.length - 1] = token;
        }
    }

    Pipeline(Path model, Device device, int stageCount, int maxTokens, int maxSequences, int blocks)
            throws IOException {
        this(model, device, stageCount, maxTokens, maxSequences, blocks, KvType.F16);
    }

    Pipeline(Path model, Device device, int stageCount, int maxTokens, int maxSequences, int blocks, KvType kvType)
            throws IOException {
        thread = device.thread();
        try (GgufFile file = GgufFile.open(model)) {
            ModelConfiguration configuration = ModelConfiguration.read(file);
            int layers = configuration.shape().layers();
            limits = new StepLimits(
                    maxTokens,
                    maxSequences,
                    16 * blocks,
                    blocks,
                    configuration.shape().vocabulary(),
                    kvType);
            int first = 0;
            for (int stage = 0; stage < stageCount; stage++) {
                int count = (layers - first) / (stageCount - stage);
                LayerSpan span = new LayerSpan(first, count, layers);
                stages.add(thread.call(
                        () -> StageLoader.load(file, span, limits, device, Optional.empty(), LoadProgress.IGNORED)
                                .model()));
                first += count;
            }
            activations = new Activations(maxTokens, configuration.shape().hidden());
        }
        output = new StepOutput(maxSequences);
        logits = Arena.ofAuto().allocate(4L * maxSequences * limits.vocabularySize());
    }

    /// A new sequence with room for `capacity` tokens; blocks are given out backwards so that a table is no identity.
    Sequence sequence(int[] tokens, int capacity) {
        int[] blocks = new int[(capacity + 15) / 16];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = limits.kvBlocks() - 1 - (nextBlock++ % limits.kvBlocks());
        }
        return new Sequence(tokens, blocks);
    }

    /// Runs at most `chunk` tokens of each sequence in one step; sequences that are then complete get their logits and
    /// the next token, which is returned (-1 for the others) but not appended.
    int[] step(List<Sequence> sequences, int chunk, SamplingParameters parameters) {
        builder.clear();
        int[] sampled = new int[sequences.size()];
        Arrays.fill(sampled, -1);
        List<Integer> sampling = new ArrayList<>();
        for (int i = 0; i < sequences.size(); i++) {
            Sequence sequence = sequences.get(i);
            int count = Math.min(chunk, sequence.tokens.length - sequence.done);
            builder.sequence(sequence.tokens, sequence.done, count, sequence.blocks);
            sequence.done += count;
            if (sequence.done == sequence.tokens.length) {
                builder.sample(i, i, parameters);
                sampling.add(i);
            }
        }
        builder.build(1, 1, step);
        thread.run(this::run);
        for (int n = 0; n < sampling.size(); n++) {
            int i = sampling.get(n);
            sampled[i] = output.tokenId(n);
            long size = 4L * limits.vocabularySize();
            sequences.get(i).logits = logits.asSlice(size * n, size).toArray(ValueLayout.JAVA_FLOAT);
        }
        return sampled;
    }

    private void run() {
        for (StageModel stage : stages.subList(0, stages.size() - 1)) {
            stage.start(step, activations);
            stage.finish(activations);
        }
        ForwardPass last = (ForwardPass) stages.getLast();
        last.start(step, activations);
        last.finish(output);
        if (step.sampleCount() > 0) {
            last.downloadLogits(logits);
        }
    }

    /// Prefills in chunks, then decodes greedily.
    int[] greedy(int[] prompt, int count, int chunk) {
        Sequence sequence = sequence(prompt, prompt.length + count);
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
            int id = -1;
            while (id < 0) {
                id = step(List.of(sequence), chunk, SamplingParameters.GREEDY)[0];
            }
            ids[i] = id;
            sequence.append(id);
        }
        return ids;
    }

    /// After a step that failed.
    void drop() {
        stages.forEach(stage -> thread.run(stage::drop));
    }

    boolean isBroken() {
        return stages.stream().anyMatch(stage -> thread.call(stage::isBroken));
    }

    @Override
    public void close() {
        stages.forEach(stage -> thread.run(stage::close));
    }
}
