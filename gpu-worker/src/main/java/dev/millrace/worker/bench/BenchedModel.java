package dev.millrace.worker.bench;

import dev.millrace.worker.kernel.DeviceThread;
import dev.millrace.worker.model.StageModel;
import dev.millrace.worker.step.Activations;
import dev.millrace.worker.step.SamplingParameters;
import dev.millrace.worker.step.StepInput;
import dev.millrace.worker.step.StepInputBuilder;
import dev.millrace.worker.step.StepOutput;
import java.util.List;
import java.util.stream.Stream;

/// A whole model on a device, with the sequences that tests run: the steps are the engine's, without its queues. Where
/// the model is one stage there are as many of them at a time as the device takes; of several stages each has a step
/// after the one before, through the host's memory, and there is one step at a time. One thread uses it.
public final class BenchedModel {

    private static final long EPOCH = 1;
    private static final long SEED = 1;

    private final List<StageModel> stages;
    private final StageModel last;
    private final DeviceThread thread;
    private final int depth;
    private final BenchedSequence[] sequences;
    private final StepInputBuilder builder = new StepInputBuilder();
    /// The steps that are started; they go round.
    private final StepInput[] inputs;
    private final StepOutput output;
    private final Activations activations;
    private long started;
    private long finished;
    private volatile long startNanos;

    /// @param stages all layers of a model on one device, in their order, loaded with the limits of `capacity`
    public BenchedModel(List<StageModel> stages, Capacity capacity) {
        this.stages = List.copyOf(stages);
        last = stages.getLast();
        thread = last.thread();
        depth = stages.size() == 1 ? last.depth() : 1;
        sequences = new BenchedSequence[capacity.sequences()];
        int firstBlock = 0;
        for (int i = 0; i < sequences.length; i++) {
            int blocks = i == 0 ? capacity.firstBlocks() : capacity.otherBlocks();
            sequences[i] = new BenchedSequence(firstBlock, blocks, last.vocabularySize(), SEED + i);
            firstBlock += blocks;
        }
        inputs = Stream.generate(() -> new StepInput(1024)).limit(depth).toArray(StepInput[]::new);
        output = new StepOutput(sequences.length);
        activations = new Activations(Capacity.BATCH_TOKENS, last.hiddenSize());
    }

    /// Runs a new prompt of `tokens` through the model, in chunks of the batch budget, and samples once.
    void prefill(int tokens) {
        BenchedSequence sequence = sequences[0];
        sequence.require(tokens);
        thread.run(() -> fill(sequence, 0, tokens));
    }

    /// Makes room for `steps` tokens after `context` of them in the first `count` sequences, and fills in what is
    /// missing of the context.
    void prepare(int count, int steps, int context) {
        if (count > sequences.length) {
            throw new IllegalArgumentException(
                    "%d sequences are more than the %d that there is room for".formatted(count, sequences.length));
        }
        thread.run(() -> {
            for (int i = 0; i < count; i++) {
                sequences[i].require(context + steps);
                fill(sequences[i], Math.min(sequences[i].filled(), context), context);
            }
        });
    }

    /// Decodes `steps` tokens of each of the first `count` sequences, all in one step each time, from position
    /// `context`
    /// on, greedily.
    void decode(int count, int steps, int context) {
        thread.run(() -> {
            for (int position = context; position < context + steps; position++) {
                startDecode(count, position);
                if (underWay() == depth) {
                    finishDecode(count, position + 1 - underWay());
                }
            }
            while (underWay() > 0) {
                finishDecode(count, context + steps - underWay());
            }
        });
    }

    /// Steps so far.
    long steps() {
        return started;
    }

    /// What packing and starting them took of the device's thread. Of several stages, all but the last one's work is
    /// in it.
    long startNanos() {
        return startNanos;
    }

    /// The tokens of a sequence, for tests.
    int[] tokens(int sequence) {
        return sequences[sequence].tokens();
    }

    private int underWay() {
        return (int) (started - finished);
    }

    /// Where the step before is under way its tokens are not known here.
    private void startDecode(int count, int position) {
        builder.clear();
        for (int i = 0; i < count; i++) {
            BenchedSequence sequence = sequences[i];
            builder.sequence(sequence.tokens(), position, 1, sequence.blocks(), underWay() > 0 ? i : -1);
            builder.sample(i, i, SamplingParameters.GREEDY);
        }
        start();
    }

    private void finishDecode(int count, int position) {
        finish();
        for (int i = 0; i < count; i++) {
            sequences[i].put(position, output.tokenId(i));
        }
    }

    private void fill(BenchedSequence sequence, int from, int to) {
        for (int start = from; start < to; start += Capacity.BATCH_TOKENS) {
            int count = Math.min(Capacity.BATCH_TOKENS, to - start);
            builder.clear();
            builder.sequence(sequence.tokens(), start, count, sequence.blocks());
            boolean last = start + count == to;
            if (last) {
                builder.sample(0, 0, SamplingParameters.GREEDY);
            }
            start();
            if (underWay() == depth) {
                finish();
            }
        }
        while (underWay() > 0) {
            finish();
        }
        sequence.filledTo(to);
    }

    private void start() {
        long before = System.nanoTime();
        StepInput input = inputs[(int) (started % inputs.length)];
        builder.build(EPOCH, ++started, input);
        for (StageModel stage : stages.subList(0, stages.size() - 1)) {
            stage.start(input, activations);
            stage.finish(activations);
        }
        last.start(input, activations);
        startNanos += System.nanoTime() - before;
    }

    private void finish() {
        finished++;
        last.finish(output);
    }
}
